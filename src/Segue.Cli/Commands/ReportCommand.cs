using System.CommandLine;
using System.Text.Json.Nodes;
using Segue.Cli.Reports;
using Segue.Cli.Running;
using Segue.Projects;

namespace Segue.Cli.Commands;

/// <summary><c>segue report CHANGE</c>: an HTML file of what a change has done, from the ledger.</summary>
internal static class ReportCommand
{
    private static readonly Option<string?> To = new("--file")
    {
        Description = "Where it goes. Default: segue-report-CHANGE.html in the working directory.",
        HelpName = "FILE",
    };

    public static Command Create(Host host)
    {
        Argument<string> change = CommonOptions.Change();
        Verb verb = new(
            "report",
            "Writes an HTML report of a change: steps, times, locks, rows, verdicts, events.",
            "It reads only the ledger; the change may run meanwhile. It shows no latency of applications: on your "
                + "database Segue does not see their requests.",
            "segue report 0007_orders_currency",
            "segue report 0007 --file report.html"
        )
        {
            change,
            To,
            CommonOptions.Database,
            CommonOptions.Changes,
            CommonOptions.Output,
        };
        verb.OnDatabase(
            host,
            (session, parse, cancel) => RunAsync(session, parse.GetRequiredValue(change), parse.GetValue(To), cancel)
        );
        return verb;
    }

    private static async Task<ExitCode> RunAsync(
        Session session,
        string wanted,
        string? to,
        CancellationToken cancel
    ) => await session.WithChangeAsync(wanted, change => WriteAsync(session, change, to, cancel), cancel);

    private static async Task<ExitCode> WriteAsync(
        Session session,
        string change,
        string? to,
        CancellationToken cancel
    ) =>
        await (await session.Target.ReportAsync(change, cancel)).Match(
            history => WriteAsync(session, history, to, cancel),
            failure => Task.FromResult(session.Report.Fail(failure))
        );

    private static async Task<ExitCode> WriteAsync(
        Session session,
        ChangeHistory history,
        string? to,
        CancellationToken cancel
    )
    {
        string change = history.Record.Name;
        ChangeReport report = new($"{session.Target.Address}", history);
        string path = Path.Combine(session.Host.Directory, to ?? $"segue-report-{change}.html");
        await File.WriteAllTextAsync(path, report.Html(), cancel);
        if (session.Report.IsJson)
        {
            session.Report.Document(new JsonObject { ["change"] = change, ["report"] = path });
        }
        else
        {
            session.Report.Results.Field(0, "report", path, Ink.Code);
        }

        return ExitCode.Done;
    }
}
