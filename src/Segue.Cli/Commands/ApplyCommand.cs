using System.CommandLine;
using System.Text.RegularExpressions;
using Segue.Cli.Running;
using Segue.Execution;
using Segue.Planning;
using Segue.Projects;

namespace Segue.Cli.Commands;

/// <summary><c>segue apply [CHANGE]</c>: runs or resumes, up to the gate.</summary>
internal static partial class ApplyCommand
{
    private static readonly Option<string?> Until = UntilOption();

    private static readonly Option<string?> PlanHash = HashOption(
        "--plan-hash",
        "Apply only if the plan has this hash, as `segue plan` shows it."
    );

    private static readonly Option<string?> ShapeHash = HashOption(
        "--shape-hash",
        "Apply only if the plan has this shape, as `segue plan` shows it, on this or another database."
    );

    private static readonly Option<bool> Complete = new("--complete")
    {
        Description = "For development databases: pass the gate at once and finish. Asks; scripts pass --yes.",
    };

    private const string CompletesAtOnce =
        "--complete passes the gate without waiting for any app: code that uses the old shape fails from then on, and "
        + "there is no rollback. It is meant for development databases.";

    public static Command Create(Host host)
    {
        Argument<string[]> changes = CommonOptions.SeveralChanges(
            "Changes, by name, beginning of the name, or file. Default: all that are not completed, in order."
        );
        Verb verb = new(
            "apply",
            "Runs or resumes a change, up to its gate.",
            "Without a name, several changes need your confirmation; without a terminal, pass --yes. "
                + "You can interrupt it at any time: the next apply continues from the last committed batch "
                + "or step. Exit codes: 0 done or waiting at a gate, 1 failed and resumable, 2 bad usage or "
                + "change file, 3 refused as unsafe, 4 lock not obtained in the time allowed, 5 another "
                + "runner is active, 130 interrupted.",
            "segue apply 0007_orders_currency",
            "segue apply                                      all changes that are not completed",
            "segue apply 0007 --until verify                  stops before constraints and indexes",
            "segue apply 0007 --plan-hash 5f3c...             only the reviewed plan",
            "segue apply 0007 --lock-wait 30min               waits longer for a busy table",
            "segue apply --complete --yes                     brings a development database up to date"
        )
        {
            changes,
            Until,
            PlanHash,
            ShapeHash,
            Complete,
            CommonOptions.Database,
            CommonOptions.Changes,
            CommonOptions.Output,
            CommonOptions.Reason,
            CommonOptions.Yes,
        };
        verb.Add(LimitOptions.Planning);
        verb.Add(LimitOptions.Running);
        verb.Validators.Add(result =>
        {
            foreach (Option hash in new Option[] { PlanHash, ShapeHash })
            {
                if (result.GetResult(hash) is not null && result.GetValue(changes) is not [_])
                {
                    result.AddError($"'{hash.Name}' needs exactly one CHANGE.");
                }
            }

            if (result.GetValue(Complete) && result.GetValue(Until) is not null)
            {
                result.AddError("'--complete' runs every stage; '--until' ends before the last. Give one of them.");
            }
        });
        verb.OnDatabase(
            host,
            (session, parse, cancel) => RunAsync(session, parse, parse.GetValue(changes) ?? [], cancel)
        );
        return verb;
    }

    private static async Task<ExitCode> RunAsync(
        Session session,
        ParseResult parse,
        string[] wanted,
        CancellationToken cancel
    )
    {
        await session.Target.RepairLedgerAsync(cancel);
        return await (await session.Target.PendingAsync(wanted, cancel)).Match(
            async selection =>
                await AskAsync(session, parse, wanted, selection, cancel) is { } failure
                    ? session.Report.Fail(failure)
                    : await new Applying(
                        session,
                        new ApplyRequest
                        {
                            Until = UntilOf(parse),
                            ApprovedHash = parse.GetValue(PlanHash)?.ToLowerInvariant(),
                            ApprovedShape = parse.GetValue(ShapeHash)?.ToLowerInvariant(),
                            MayStage = true,
                        }
                    )
                    {
                        Completes = parse.GetValue(Complete),
                    }.RunAsync(selection.Changes, cancel),
            failure => Task.FromResult(session.Report.Fail(failure))
        );
    }

    private static StageName? UntilOf(ParseResult parse) =>
        parse.GetValue(Until) is { } stage ? Enum.Parse<StageName>(stage, ignoreCase: true) : null;

    /// <summary>
    /// Reports problems of the files, and asks for confirmation if several changes would run that were not named.
    /// </summary>
    /// <returns>Null to continue.</returns>
    private static async Task<Failure?> AskAsync(
        Session session,
        ParseResult parse,
        string[] wanted,
        ChangeSelection selection,
        CancellationToken cancel
    )
    {
        foreach (FileNote note in selection.Notes)
        {
            session.Report.Note($"{note.Change}: {note.What} {note.Remedy}");
        }

        IReadOnlyList<ChangeEntry> changes = selection.Changes;
        if (changes.Count == 0 && !session.Report.IsJson)
        {
            session.Report.Results.Line("Nothing to apply: every change is completed or rolled back.");
        }

        if (parse.GetValue(Complete) && changes.Count > 0)
        {
            session.Report.Note(CompletesAtOnce);
            return parse.GetValue(CommonOptions.Yes)
                ? null
                : await Confirmation.AskAsync(
                    session.Host,
                    "apply --complete",
                    $"{Question(changes, session)} And complete at once?",
                    cancel
                );
        }

        return changes.Count > 1 && wanted.Length == 0 && !parse.GetValue(CommonOptions.Yes)
            ? await Confirmation.AskAsync(session.Host, "apply", Question(changes, session), cancel, Unasked(changes))
            : null;
    }

    private static string Unasked(IReadOnlyList<ChangeEntry> entries) =>
        $"Pass --yes to apply all {entries.Count}, or name the ones to apply: `segue apply {Names(entries)}`.";

    private static string Names(IReadOnlyList<ChangeEntry> entries) =>
        string.Join(" ", entries.Select(entry => entry.Change.Name));

    private static string Question(IReadOnlyList<ChangeEntry> entries, Session session) =>
        $"Apply {(entries.Count == 1 ? "" : $"{entries.Count} changes to {session.Target.Address}: ")}"
        + string.Join(", ", entries.Select(entry => entry.Change.Name))
        + (entries.Count == 1 ? $" to {session.Target.Address}?" : "?");

    private static Option<string?> HashOption(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "HASH",
            Validators =
            {
                result =>
                {
                    if (!Sha256().IsMatch(result.GetValueOrDefault<string>() ?? ""))
                    {
                        result.AddError($"'{name}' must be 64 hexadecimal digits, as `segue plan` shows them.");
                    }
                },
            },
        };

    private static Option<string?> UntilOption()
    {
        Option<string?> until = new("--until")
        {
            Description = "The last stage to run.",
            HelpName = "expand|backfill|verify|enforce",
        };
        until.AcceptOnlyFromAmong("expand", "backfill", "verify", "enforce");
        return until;
    }

    [GeneratedRegex("^[0-9a-fA-F]{64}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Sha256();
}
