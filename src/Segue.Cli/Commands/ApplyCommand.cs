using System.CommandLine;
using System.Text.RegularExpressions;
using Segue.Cli.Running;
using Segue.Cli.Status;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Cli.Commands;

/// <summary><c>segue apply [CHANGE]</c>: runs or resumes, up to the gate.</summary>
internal static partial class ApplyCommand
{
    private static readonly Option<string?> Until = UntilOption();

    private static readonly Option<string?> PlanHash = new("--plan-hash")
    {
        Description = "Apply only if the plan has this hash (`segue plan` shows it).",
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
            "segue apply 0007 --lock-wait 30min               waits longer for a busy table"
        )
        {
            changes,
            Until,
            PlanHash,
            CommonOptions.Database,
            CommonOptions.Changes,
            CommonOptions.Output,
            CommonOptions.Yes,
        };
        verb.Add(LimitOptions.Planning);
        verb.Add(LimitOptions.Running);
        verb.Validators.Add(result =>
        {
            if (result.GetResult(PlanHash) is not null && result.GetValue(changes) is not [_])
            {
                result.AddError("'--plan-hash' needs exactly one CHANGE.");
            }
        });
        verb.SetAction(
            (parse, cancel) =>
                DatabaseVerb.RunAsync(
                    host,
                    parse,
                    (session, token) => RunAsync(session, parse, parse.GetValue(changes) ?? [], token),
                    cancel
                )
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
        ILedger ledger = session.Engine.Records.Ledger;
        IReadOnlyList<ChangeRecord> known = await ledger.ExistsAsync(cancel) ? await ledger.ListAsync(cancel) : [];
        StageName? until = parse.GetValue(Until) is { } stage ? Enum.Parse<StageName>(stage, ignoreCase: true) : null;
        return await Wanted(session, wanted, known)
            .Match(
                async found =>
                {
                    if (
                        found.Count > 1
                        && wanted.Length == 0
                        && !parse.GetValue(CommonOptions.Yes)
                        && await Confirmation.AskAsync(
                            session.Host,
                            "apply",
                            Question(found, session),
                            cancel,
                            Unasked(found)
                        )
                            is { } failure
                    )
                    {
                        return session.Report.Fail(failure);
                    }

                    return await new Applying(session, until, parse.GetValue(PlanHash)?.ToLowerInvariant()).RunAsync(
                        found,
                        cancel
                    );
                },
                failure => Task.FromResult(session.Report.Fail(failure))
            );
    }

    /// <summary>The changes to apply, once it is said what is odd about their files.</summary>
    private static Result<IReadOnlyList<ChangeFiles.Entry>> Wanted(
        Session session,
        string[] wanted,
        IReadOnlyList<ChangeRecord> known
    )
    {
        ChangeFiles files = new(session.Project.Changes);
        Result<IReadOnlyList<ChangeFiles.Entry>> chosen =
            wanted.Length > 0 ? files.FindAll(wanted) : files.Pending(known);
        FileNote[] notes = files.List().Match<FileNote[]>(list => [.. FileNotes.Of(list, known)], _ => []);
        return chosen.Match<Result<IReadOnlyList<ChangeFiles.Entry>>>(
            entries =>
            {
                FileNote[] gone = [.. notes.Where(note => note.Kind == FileNoteKind.Gone && wanted.Length == 0)];
                if (gone.Length > 0)
                {
                    return new Failure(
                        ExitCode.Refused,
                        [.. gone.Select(note => new Problem(note.Change, note.What, Ways(note, entries)))]
                    );
                }

                HashSet<string> taken = [.. entries.Select(entry => entry.Change.Name)];
                foreach (FileNote note in notes.Where(note => IsTold(note, wanted.Length > 0, taken)))
                {
                    session.Report.Note($"{note.Change}: {note.What} {note.Remedy}");
                }

                if (entries.Count == 0 && !session.Report.IsJson)
                {
                    session.Report.Results.Line("Nothing to apply: every change is completed or rolled back.");
                }

                return new Result<IReadOnlyList<ChangeFiles.Entry>>.Good(entries);
            },
            failure => Named(wanted, notes, known) is { Length: > 0 } gone ? FileNotes.Refusal(gone) : failure
        );
    }

    private static FileNote[] Named(string[] wanted, FileNote[] notes, IReadOnlyList<ChangeRecord> known)
    {
        string?[] names = [.. wanted.Select(name => ChangeNames.Known(name, known)?.Name)];
        return [.. notes.Where(note => note.Kind == FileNoteKind.Gone && names.Contains(note.Change))];
    }

    // An edited file of a change that is begun is refused by the runner, an invalid one by whoever reads it.
    private static bool IsTold(FileNote note, bool named, HashSet<string> taken) =>
        note.Kind switch
        {
            FileNoteKind.Late => taken.Contains(note.Change),
            FileNoteKind.Edited or FileNoteKind.Invalid => !named && !taken.Contains(note.Change),
            _ => false,
        };

    private static string Ways(FileNote note, IReadOnlyList<ChangeFiles.Entry> others) =>
        others.Count == 0
            ? note.Remedy
            : $"{note.Remedy} To apply only the others, name them: `segue apply {Names(others)}`.";

    private static string Unasked(IReadOnlyList<ChangeFiles.Entry> entries) =>
        $"Pass --yes to apply all {entries.Count}, or name the ones to apply: `segue apply {Names(entries)}`.";

    private static string Names(IReadOnlyList<ChangeFiles.Entry> entries) =>
        string.Join(" ", entries.Select(entry => entry.Change.Name));

    private static string Question(IReadOnlyList<ChangeFiles.Entry> entries, Session session) =>
        $"Apply {entries.Count} changes to {session.Target}: "
        + $"{string.Join(", ", entries.Select(entry => entry.Change.Name))}?";

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
