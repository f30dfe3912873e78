using System.CommandLine;
using System.Data.Common;
using Segue.Cli.Demo;
using Segue.Cli.Demo.Report;
using Segue.Engines;
using Segue.Lab;
using Segue.Lab.Servers;
using Segue.Projects;

namespace Segue.Cli.Commands;

/// <summary><c>segue demo</c>: a real server, live traffic, and a table that changes while you watch.</summary>
internal static class DemoCommand
{
    private const string Command = "segue demo";

    private static readonly Option<int> Rows = NumberOption.Between(
        1000,
        100_000_000,
        DemoOptions.DefaultRows,
        "--rows",
        "N",
        "The number of rows of the table."
    );
    private static readonly Option<int> Rate = NumberOption.Between(
        10,
        10_000,
        DemoOptions.DefaultRate,
        "--rate",
        "R",
        "The number of requests per second of the applications."
    );
    private static readonly Option<string?> Version = VersionOption();

    private static readonly Option<string?> Change = ChangeOption();

    private static readonly Option<string?> Report = new("--report")
    {
        Description = $"The file of the HTML report. Default: {ReportFile.DefaultName} in the working directory.",
        HelpName = "FILE",
        Validators = { CommonOptions.NotEmpty },
    };

    private static readonly Option<bool> Keep = new("--keep")
    {
        Description = "Leave the server running at the end, for a closer look.",
    };

    public static Command Create(Host host)
    {
        Verb verb = new(
            "demo",
            "Starts a real server and live traffic, and changes a table while you watch.",
            "It needs no database of yours: it uses an installed PostgreSQL, else downloads one into a "
                + "cache. Applications read and write a table of orders while it gets a NOT NULL column with "
                + "a backfill, a CHECK, a foreign key and an index (or, with --change, another change). Exit "
                + "code 0: no request failed, no write was lost, every row is right. It leaves only the report.",
            "segue demo",
            "segue demo --change rename",
            "segue demo --rows 10000000 --rate 400",
            "segue demo --postgres 18 --output json > result.json",
            "segue demo --keep                                explore the database afterwards with psql"
        )
        {
            Change,
            Rows,
            Rate,
            Version,
            CommonOptions.Output,
            Report,
            Keep,
            CommonOptions.Yes,
        };
        verb.SetAction(
            async (parse, cancel) =>
                (int)await RunAsync(host, OptionsOf(host, parse), CommonOptions.IsJson(parse), cancel)
        );
        return verb;
    }

    public static async Task<ExitCode> RunAsync(Host host, DemoOptions options, bool json, CancellationToken cancel)
    {
        Reporter report = new(host, json);
        if (
            System.IO.Directory.Exists(options.Report)
            || !System.IO.Directory.Exists(Path.GetDirectoryName(options.Report))
        )
        {
            return report.Fail(
                Failure.BadInput(
                    "--report",
                    $"{options.Report} cannot be a file: its directory does not exist, or it is a directory.",
                    "Name a file in a directory that exists."
                )
            );
        }

        try
        {
            return (await new Demonstration(host, options).RunAsync(cancel)).Match(
                result => Tell(report, options, result),
                report.Fail
            );
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            return report.Fail(
                new Failure(
                    FailureKind.Interrupted,
                    [new Problem(Command, "interrupted; the server is stopped and its data removed.", "")]
                )
            );
        }
        catch (Exception error) when (error is LabException or DbException)
        {
            return report.Fail(new Failure(FailureKind.Failed, [new Problem(Command, error.Message, "")]));
        }
    }

    private static ExitCode Tell(Reporter report, DemoOptions options, DemoResult result)
    {
        string path = ReportFile.Write(options.Report, HtmlReport.Of(result));
        if (path != options.Report)
        {
            report.Note($"{options.Report} could not be written; the report is {path}.");
        }

        if (!report.IsJson)
        {
            new DemoText(report.Results).Write(result, path);
        }
        else
        {
            report.Document(DemoJson.Of(result, path));
            if (result.Kept is { } kept)
            {
                new DemoText(report.Remarks).Kept(kept);
            }
        }

        return result.IsGood ? ExitCode.Done : ExitCode.Failed;
    }

    private static DemoOptions OptionsOf(Host host, ParseResult parse) =>
        new()
        {
            Change = DemoChange.All.FirstOrDefault(each => each.Word == parse.GetValue(Change)) ?? DemoChange.Default,
            Rows = parse.GetValue(Rows),
            Rate = parse.GetValue(Rate),
            Major = parse.GetValue(Version) is { } major ? int.Parse(major) : null,
            Report = Path.GetFullPath(parse.GetValue(Report) ?? ReportFile.DefaultName, host.Directory),
            Keep = parse.GetValue(Keep),
        };

    private static Option<string?> ChangeOption()
    {
        string[] words = [.. DemoChange.All.Select(each => each.Word)];
        Option<string?> change = new("--change")
        {
            Description = $"What goes live: {string.Join(", ", words)}. Default: {DemoChange.Default.Word}.",
            HelpName = "CHANGE",
        };
        change.AcceptOnlyFromAmong(words);
        return change;
    }

    private static Option<string?> VersionOption()
    {
        Option<string?> version = new("--postgres")
        {
            Description = "PostgreSQL's major version. Default: an installed one, else the newest available.",
            HelpName = $"{PostgresBinaries.Majors.Min()}..{PostgresBinaries.Majors.Max()}",
        };
        version.AcceptOnlyFromAmong([.. PostgresBinaries.Majors.Select(major => major.ToString())]);
        return version;
    }
}
