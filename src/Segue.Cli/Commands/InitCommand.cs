using System.CommandLine;
using Segue.Cli.Running;
using Segue.Settings;

namespace Segue.Cli.Commands;

/// <summary>
/// <c>segue init</c>: segue.yaml, the directory of change files and, if a database is named, its ledger.
/// </summary>
internal static class InitCommand
{
    public const string Settings = """
        # Segue's settings. Every key may be left out; `segue schema --settings` prints their JSON Schema.
        changes: changes

        # The databases by name, for --database NAME. No passwords here: name the environment variable that holds
        # the URL, or keep the password in PGPASSWORD or ~/.pgpass.
        #
        # environments:
        #   local: { database: "postgres://postgres@localhost:5432/app" }
        #   production: { database_env: PRODUCTION_DATABASE_URL }
        # default_environment: local

        # How long Segue may delay an app.
        limits:
          lock_timeout: 200ms
          hold_budget: 500ms
          batch_target: 50ms

        """;

    public static Command Create(Host host)
    {
        Verb verb = new(
            "init",
            "Writes segue.yaml and the directory of change files.",
            "If a database is named, it also creates the ledger (schema segue) there. Existing files and objects stay.",
            "segue init",
            "segue init --database postgres://postgres@localhost:5432/app"
        )
        {
            CommonOptions.Database,
            CommonOptions.Changes,
        };
        verb.SetAction((parse, cancel) => RunAsync(host, parse, cancel));
        return verb;
    }

    private static async Task<int> RunAsync(Host host, ParseResult parse, CancellationToken cancel)
    {
        Reporter report = new(host, json: false);
        if (SettingsFile.Find(host.Directory) is null)
        {
            string path = Path.Combine(host.Directory, SettingsFile.Name);
            await File.WriteAllTextAsync(path, Settings, cancel);
            report.Results.Line($"wrote {SettingsFile.Name}");
        }

        return await Project
            .Open(host, parse)
            .Match(
                project =>
                {
                    if (project.Prepare() is { } schema)
                    {
                        report.Results.Line($"wrote {ShownPath.Of(schema)}");
                    }

                    return project.NamesDatabase(parse.GetValue(CommonOptions.Database), Project.OptionsOf(host, parse))
                        ? DatabaseVerb.RunAsync(host, parse, CreateLedgerAsync, cancel)
                        : Task.FromResult(Without(report));
                },
                failure => Task.FromResult((int)report.Fail(failure))
            );
    }

    private static async Task<ExitCode> CreateLedgerAsync(Session session, CancellationToken cancel)
    {
        await session.Target.InitAsync(cancel);
        session.Report.Results.Line($"the ledger is ready in {session.Target.Address}");
        return ExitCode.Done;
    }

    private static int Without(Reporter report)
    {
        report.Results.Line("No database was named: the first `segue apply` creates the ledger.");
        return (int)ExitCode.Done;
    }
}
