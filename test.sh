#!/bin/sh
# Builds Segue and runs its tests, against real servers that the tests start and stop themselves.
# ./test.sh --help tells the rest; docs/testing.md tells why.
set -u

usage() {
    cat << 'END'
usage: ./test.sh [OPTION]... [PROJECT]...

Builds Segue and runs every test of the quick tier: what is repeated for many versions, stages or calls
takes turns by commit, five turns together leave nothing out. The last line is "N passed, N failed", the
line before it says what was run. The exit code is 0 only when nothing failed.

  --full            everything, nothing by turns
  --rotation N      the turn of the quick tier, 1 to 5 (default: the commit decides)
  --kind KIND       only the tests of one kind of change, e.g. add_column; --kind list lists them
  --postgres LIST   only these major versions of PostgreSQL, e.g. 17 or 14,18
  --without NAME    leaves out tests with NAME in their full name (project, class or test); may be repeated
  --no-build        tests what was built before
  --help            this text

PROJECT is Segue.Tests, Segue.PostgreSql.Tests, Segue.Cli.Tests or Segue.Availability (default: all).

Under a minute, for daily work:  ./test.sh --kind create_index --postgres 17
END
}

fail() {
    echo "error: $1" >&2
    echo "0 passed, 1 failed"
    exit "${2:-1}"
}

cd "$(dirname "$0")" || exit 1
DOTNET_CLI_TELEMETRY_OPTOUT=1
DOTNET_NOLOGO=1

# The tests share the cores with their servers: no spinning threads, no profiling, one heap, and only what is called
# often (4,096 times) is compiled a second time.
DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0
DOTNET_TieredPGO=0
DOTNET_TC_CallCountThreshold=1000
DOTNET_gcServer=0
export DOTNET_CLI_TELEMETRY_OPTOUT DOTNET_NOLOGO DOTNET_ThreadPool_UnfairSemaphoreSpinLimit DOTNET_TieredPGO
export DOTNET_TC_CallCountThreshold DOTNET_gcServer

tier=quick
rotation=
kind=
versions=
without=
filter=
build=yes
projects=
while [ $# -gt 0 ]; do
    case $1 in
        --rotation | --kind | --postgres | --without)
            [ $# -gt 1 ] || fail "$1 needs a value; ./test.sh --help lists them." 2
            case $1 in
                --rotation) rotation=$2 ;;
                --kind) kind=$2 ;;
                --postgres) versions=$2 ;;
                --without)
                    without="$without, without $2"
                    filter="${filter:+$filter&}FullyQualifiedName!~$2"
                    ;;
            esac
            shift
            ;;
        --full) tier=full ;;
        --no-build) build=no ;;
        --help | -h)
            usage
            exit 0
            ;;
        -*) fail "$1 is no option; ./test.sh --help lists them." 2 ;;
        *)
            [ -d "tests/$1" ] || fail "$1 is no project in tests/; ./test.sh --help lists them." 2
            projects="$projects $1"
            ;;
    esac
    shift
done

case ${rotation:-1} in
    [1-5]) ;;
    *) fail "--rotation $rotation: it must be a number from 1 to 5." 2 ;;
esac

for tool in dotnet node npm; do
    command -v "$tool" > /dev/null ||
        fail "$tool is not on the PATH. Tests need the .NET 10 SDK, and node and npm to get the servers."
done

# The completion scripts run in the shells that they are for. PowerShell is installed during the build.
installing=
shells=
for shell in zsh fish; do
    command -v "$shell" > /dev/null || shells="$shells $shell"
done
case ${projects:-Segue.Cli.Tests} in
    *Segue.Cli.Tests*)
        if [ -n "$shells" ] && [ -z "$kind" ]; then
            if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
                echo "Installing$shells with apt-get: tests of completion run in them."
                # shellcheck disable=SC2086 # a list of names
                { apt-get -q update && apt-get -q install -y $shells; } > /dev/null 2>&1 ||
                    echo "apt-get could not install$shells; the tests that need them fail."
            else
                echo "Not installed:$shells. Install them, or leave out their tests: --without CompletionTests."
            fi
        fi
        if [ -z "$kind" ] && ! command -v pwsh > /dev/null && [ ! -x artifacts/pwsh/pwsh ]; then
            echo "Installing PowerShell into artifacts/pwsh: a test of completion runs in it."
            { dotnet tool install PowerShell --version 7.6.9 --tool-path artifacts/pwsh > /dev/null 2>&1 ||
                echo "PowerShell could not be installed; the test that needs it fails."; } &
            installing=$!
        fi
        ;;
esac

if [ -n "$kind" ]; then
    kinds=$(grep -rhoE --include='*.cs' 'Trait\("kind", "[a-z_]+"' tests | sed -E 's/.*"([a-z_]+)"/\1/' | sort -u)
    if [ "$kind" = list ]; then
        echo "$kinds"
        exit 0
    fi

    echo "$kinds" | grep -qx -- "$kind" || fail "no tests of kind $kind; ./test.sh --kind list lists the kinds." 2
    filter="${filter:+$filter&}kind=$kind"
    [ -n "$projects" ] || projects=" Segue.PostgreSql.Tests"
fi

if [ -n "$versions" ]; then
    SEGUE_TEST_POSTGRES=$versions
    export SEGUE_TEST_POSTGRES
fi

if [ $tier = full ]; then
    unset SEGUE_TEST_ROTATION
    told="full, nothing by turns"
    rest=
else
    commit=$(git rev-parse HEAD 2> /dev/null) || commit=
    short=$(echo "$commit" | cut -c 1-7)
    [ -n "$rotation" ] || rotation=$((0x${short:-0} % 5 + 1))
    SEGUE_TEST_ROTATION=$rotation
    export SEGUE_TEST_ROTATION
    told="quick, rotation $rotation of 5 (commit ${short:-unknown})"
    rest="; ./test.sh --full runs everything"
fi

told="$told${kind:+, only kind $kind}${SEGUE_TEST_POSTGRES:+, only PostgreSQL $SEGUE_TEST_POSTGRES}"
told="$told${projects:+, only$projects}$without$rest"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# Builds what is tested, and nothing else where that is one project.
if [ $build = yes ]; then
    case $projects in
        "") built=Segue.slnx ;;
        *)
            built=
            for project in $projects; do built="$built tests/$project"; done
            ;;
    esac
    # One compiler for all projects takes half the time, whatever the environment says.
    for each in $built; do
        dotnet build "$each" -c Release -v quiet --nologo -p:UseSharedCompilation=true || fail "the build failed."
    done
fi

[ -z "$installing" ] || wait "$installing"

# A process and all that it started: dotnet test leaves its own children running.
stop() {
    for child in $(pgrep -P "$1" 2> /dev/null); do stop "$child"; done
    kill "$1" 2> /dev/null
}

# What is tested of a project; the rest of its name says of which part of it.
test_project() {
    only=${filter:-}
    case $1 in
        *.quiet) only="${only:+$only&}machine=quiet" ;;
        Segue.Availability) only="${only:+$only&}machine!=quiet" ;;
    esac
    # The longest test takes about three minutes: a run in which none ends for ten hangs.
    dotnet test "tests/${1%.quiet}" -c Release --no-build --nologo --logger "console;verbosity=minimal" \
        --blame-hang-timeout "${SEGUE_TEST_HANG:-10m}" --blame-hang-dump-type none --results-directory "$results" \
        ${only:+--filter "$only"} > "$results/$1" 2>&1 &
    running=$!
    trap 'stop "$running"; exit 143' TERM
    wait "$running"
    echo $? > "$results/$1.code"
}

test_all() {
    for each in "$@"; do test_project "$each"; done
}

print() {
    for each in "$@"; do
        echo "== $each"
        cat "$results/$each"
    done
}

# Three of them at once keep the cores busy until the end. What measures what apps feel runs when all others are done.
large=
crashes=
small=
quiet=
for project in ${projects:-Segue.PostgreSql.Tests Segue.Availability Segue.Tests Segue.Cli.Tests}; do
    case $project in
        Segue.PostgreSql.Tests) large=$project ;;
        Segue.Availability) crashes=$project quiet=$project.quiet ;;
        *) small="$small $project" ;;
    esac
done

# shellcheck disable=SC2086 # lists of names
{
    test_all $large &
    first=$!
    test_all $crashes &
    second=$!
    test_all $small &
    third=$!
    trap 'kill "$first" "$second" "$third" 2> /dev/null; exit 130' INT TERM
    wait "$third"
    print $small
    wait "$second"
    print $crashes
    wait "$first"
    print $large
    test_all $quiet &
    first=$!
    wait "$first"
    print $quiet
}

passed=0
failed=0
for code in "$results"/*.code; do
    project=${code%.code}
    summary=$(grep -E '^(Passed|Failed)! +- Failed:' "$project" | tail -n 1)
    if [ -z "$summary" ]; then
        # A filter may leave nothing of a project. Otherwise the run itself broke: that is a failure, not an absence.
        [ -n "$filter" ] && grep -q '^No test matches' "$project" || failed=$((failed + 1))
        continue
    fi

    project_failed=$(echo "$summary" | sed -E 's/.*Failed: +([0-9]+).*/\1/')
    [ "$(cat "$code")" -eq 0 ] || [ "$project_failed" -gt 0 ] || project_failed=1
    passed=$((passed + $(echo "$summary" | sed -E 's/.*Passed: +([0-9]+).*/\1/')))
    failed=$((failed + project_failed))
done

if [ $((passed + failed)) -eq 0 ]; then
    echo "error: no test is left to run." >&2
    failed=1
fi

echo "$told"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
