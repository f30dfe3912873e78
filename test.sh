#!/bin/sh
# Builds Segue and runs every test, against real servers that the tests start and stop themselves.
# The last line is "N passed, N failed"; the exit code is 0 only when nothing failed.
# To run one project: ./test.sh Segue.Tests      On fewer servers: SEGUE_TEST_POSTGRES=15,18 ./test.sh
set -u

cd "$(dirname "$0")" || exit 1
DOTNET_CLI_TELEMETRY_OPTOUT=1
DOTNET_NOLOGO=1
export DOTNET_CLI_TELEMETRY_OPTOUT DOTNET_NOLOGO

for tool in dotnet node npm; do
    if ! command -v "$tool" > /dev/null; then
        echo "error: $tool is not on the PATH. Tests need the .NET 10 SDK, and node and npm to get the servers." >&2
        echo "0 passed, 1 failed"
        exit 1
    fi
done

projects=${*:-"Segue.Tests Segue.PostgreSql.Tests Segue.Cli.Tests Segue.Availability"}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

if ! dotnet build Segue.slnx -c Release -v quiet --nologo; then
    echo "0 passed, 1 failed"
    exit 1
fi

passed=0
failed=0
for project in $projects; do
    echo "== $project"
    dotnet test "tests/$project" -c Release --no-build --nologo --logger "console;verbosity=minimal" > "$results/$project" 2>&1
    code=$?
    cat "$results/$project"
    summary=$(grep -E '^(Passed|Failed)! +- Failed:' "$results/$project" | tail -n 1)
    if [ -z "$summary" ]; then
        # The run itself broke: that is a failure, not an absence of failures.
        failed=$((failed + 1))
        continue
    fi

    project_failed=$(echo "$summary" | sed -E 's/.*Failed: +([0-9]+).*/\1/')
    [ "$code" -eq 0 ] || [ "$project_failed" -gt 0 ] || project_failed=1
    passed=$((passed + $(echo "$summary" | sed -E 's/.*Passed: +([0-9]+).*/\1/')))
    failed=$((failed + project_failed))
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
