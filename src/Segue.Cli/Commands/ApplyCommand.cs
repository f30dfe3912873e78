using System.CommandLine;
using System.Text.RegularExpressions;
using Segue.Cli.Running;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Cli.Commands;

/// <summary><c>segue apply [CHANGE]</c>: runs or resumes, up to the gate.</summary>
internal static partial class ApplyCommand
{
    private static readonly Option<string?> Until = UntilOption();

    private static readonly Option<string?> PlanHash = new("--plan-hash")
    {
        Description = "Apply only if the plan has this hash, as `segue plan` shows it.",
        HelpName = "HASH",
        Validators =
        {
            result =>
            {
                if (!Sha256().IsMatch(result.GetValueOrDefault<string>() ?? ""))
                {
                    result.AddError("'--plan-hash' must be 64 hexadecimal digits, as `segue plan` shows them.");
                }
            },
        },
    };

    public static Command Create(Host host)
    {
        Argument<string?> change = CommonOptions.OptionalChange("The change's name, the beginning of it, or its file. Default: all that are not completed, in order.");
        Verb verb = new(
            "apply",
            "Runs a change, or resumes it, up to its gate.",
            "At a terminal it asks before it takes several changes. Interrupt it at any time: apply again goes on from the last committed batch or step. Exit codes: 0 done or waiting at a gate, 1 failed and resumable, "
            + "2 bad usage or change file, 3 refused as unsafe, 4 lock not obtained in the time allowed, 5 another runner is active, 130 interrupted.",
            "segue apply 0007_orders_currency",
            "segue apply                                      all changes that are not completed",
            "segue apply 0007 --until verify                  stops before constraints and indexes",
            "segue apply 0007 --plan-hash 5f3c...             only what was reviewed",
            "segue apply 0007 --lock-wait 30min               waits longer for a busy table")
        {
            change, Until, PlanHash, CommonOptions.Database, CommonOptions.Changes, CommonOptions.Output, CommonOptions.Yes,
        };
        verb.Add(LimitOptions.Planning);
        verb.Add(LimitOptions.Running);
        verb.Validators.Add(result =>
        {
            if (result.GetResult(PlanHash) is not null && result.GetValue(change) is null)
            {
                result.AddError("'--plan-hash' needs the CHANGE whose plan it is.");
            }
        });
        verb.SetAction((parse, cancel) => DatabaseVerb.RunAsync(host, parse, (session, token) => RunAsync(session, parse, parse.GetValue(change), token), cancel));
        return verb;
    }

    private static async Task<ExitCode> RunAsync(Session session, ParseResult parse, string? wanted, CancellationToken cancel)
    {
        ChangeFiles files = new(session.Project.Changes);
        ILedger ledger = session.Engine.Ledger;
        Result<IReadOnlyList<ChangeFiles.Entry>> entries = wanted is not null
            ? files.Find(wanted).Match<Result<IReadOnlyList<ChangeFiles.Entry>>>(entry => new Result<IReadOnlyList<ChangeFiles.Entry>>.Good([entry]), failure => failure)
            : files.Pending(await ledger.ExistsAsync(cancel) ? await ledger.ListAsync(cancel) : []);
        StageName? until = parse.GetValue(Until) is { } stage ? Enum.Parse<StageName>(stage, ignoreCase: true) : null;
        return await entries.Match(
            async found =>
            {
                if (found.Count == 0 && !session.Report.IsJson)
                {
                    session.Report.Results.Line("Nothing to apply: every change is completed or rolled back.");
                }

                if (found.Count > 1 && session.Host.Confirm is not null && !parse.GetValue(CommonOptions.Yes)
                    && await Confirmation.AskAsync(session.Host, "apply", Question(found, session), cancel) is { } failure)
                {
                    return session.Report.Fail(failure);
                }

                return await new Applying(session, until, parse.GetValue(PlanHash)?.ToLowerInvariant()).RunAsync(found, cancel);
            },
            failure => Task.FromResult(session.Report.Fail(failure)));
    }

    private static string Question(IReadOnlyList<ChangeFiles.Entry> entries, Session session) =>
        $"Apply {entries.Count} changes to {session.Target}: {string.Join(", ", entries.Select(entry => entry.Change.Name))}?";

    private static Option<string?> UntilOption()
    {
        Option<string?> until = new("--until") { Description = "The last stage to run.", HelpName = "expand|backfill|verify|enforce" };
        until.AcceptOnlyFromAmong("expand", "backfill", "verify", "enforce");
        return until;
    }

    [GeneratedRegex("^[0-9a-fA-F]{64}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Sha256();
}
