using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Segue.Changes.Files;
using Segue.Cli.Rendering;
using Segue.Cli.Running;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Projects;

namespace Segue.Cli.Commands;

/// <summary>
/// <c>segue plan [CHANGE]</c>: every statement that would run, what it blocks and what it costs. Changes nothing.
/// </summary>
internal static class PlanCommand
{
    private static readonly Option<string?> Against = new("--against")
    {
        Description =
            "Compare with the plan in this file (`segue plan --output json`) and report where and why they "
            + "differ.",
        HelpName = "FILE",
    };

    public static Command Create(Host host)
    {
        Argument<string?> change = CommonOptions.OptionalChange(
            "The change's name, its beginning, or its file. Default: the first that is not completed."
        );
        Verb verb = new(
            "plan",
            "Shows how a change would run on this database, statement for statement.",
            "It changes nothing. For a change that has started it shows the plan it started with, "
                + "because that one runs.",
            "segue plan 0007_orders_currency",
            "segue plan 0007 --output json > plan.json        for review and approval; includes the hash",
            "segue plan 0007 --against staging.json           where and why it differs from that plan",
            "segue plan 0007 --output sql                     the script, for a DBA to read"
        )
        {
            change,
            CommonOptions.Database,
            CommonOptions.Changes,
            CommonOptions.OutputOf("text", "json", "sql"),
            Against,
        };
        verb.Add(LimitOptions.Planning);
        verb.SetAction(
            (parse, cancel) =>
                DatabaseVerb.RunAsync(
                    host,
                    parse,
                    (session, token) => RunAsync(session, FormOf(parse), parse.GetValue(change), token),
                    cancel
                )
        );
        return verb;
    }

    private static async Task<ExitCode> RunAsync(Session session, Form form, string? wanted, CancellationToken cancel)
    {
        IReadOnlyList<ChangeRecord> known = await session.Target.RecordsAsync(cancel);
        return await (wanted is null ? First(session, known) : One(session, wanted, known)).Match(
            chosen =>
                chosen is null
                    ? Task.FromResult(Nothing(session, form.Name))
                    : ShowAsync(session, form, chosen, cancel),
            failure => Task.FromResult(session.Report.Fail(failure))
        );
    }

    /// <param name="Against">The file of the plan to compare with; null to show the plan.</param>
    private sealed record Form(string Name, string? Against);

    private static Form FormOf(ParseResult parse) => new(CommonOptions.FormOf(parse), parse.GetValue(Against));

    private static ExitCode Compare(Session session, Plan here, string file, bool json)
    {
        Plan there;
        try
        {
            there = PlanJson.ParseDocument(File.ReadAllText(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            Problem problem = new(
                "--against",
                IsOfParser(error) ? $"{file} is not a plan." : $"{file} cannot be read as a plan: {error.Message}",
                "Write it with `segue plan CHANGE --output json > FILE`."
            );
            return session.Report.Fail(new Failure(FailureKind.BadInput, [problem]));
        }

        PlanDifference difference = PlanDifference.Between(here, there);
        if (json)
        {
            session.Report.Raw(PlanJson.Document(difference));
        }
        else
        {
            new DifferenceText(session.Report.Results).Write(difference);
        }

        return difference.Shape.Count == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    /// <summary>Its message speaks of .NET; one about a newer format is ours.</summary>
    private static bool IsOfParser(Exception error) =>
        error is JsonException json && (json.Path is not null || json.LineNumber is not null);

    /// <param name="Entry">Null: its file does not exist.</param>
    /// <param name="Record">Null: it has not started.</param>
    private sealed record Chosen(ChangeEntry? Entry, ChangeRecord? Record);

    private static Result<Chosen?> First(Session session, IReadOnlyList<ChangeRecord> known)
    {
        ChangeFiles files = new(session.Project.Changes);
        return files
            .Pending(known)
            .Match<Result<Chosen?>>(
                pending =>
                {
                    FileNote[] gone = files.List().Match<FileNote[]>(list => [.. FileNotes.Gone(list, known)], _ => []);
                    if (pending.Count == 0)
                    {
                        return gone.Length > 0 ? FileNotes.Refusal(gone) : new Result<Chosen?>.Good(null);
                    }

                    foreach (FileNote note in gone)
                    {
                        session.Report.Note($"{note.Change}: {note.What} {note.Remedy}");
                    }

                    return new Result<Chosen?>.Good(Of(pending[0], known));
                },
                failure => failure
            );
    }

    private static Result<Chosen?> One(Session session, string wanted, IReadOnlyList<ChangeRecord> known)
    {
        bool hasFile = session.Project.Changes.Find(wanted) is ChangeLookup.Found;
        return !hasFile && ChangeNames.Known(wanted, known) is { } record
            ? new Result<Chosen?>.Good(new Chosen(null, record))
            : session.Project.Find(wanted).Match<Result<Chosen?>>(entry => Of(entry, known), failure => failure);
    }

    private static Chosen Of(ChangeEntry entry, IReadOnlyList<ChangeRecord> known) =>
        new(entry, known.FirstOrDefault(record => record.Name == entry.Change.Name));

    private static async Task<ExitCode> ShowAsync(Session session, Form form, Chosen chosen, CancellationToken cancel)
    {
        Result<Plan> plan = chosen.Entry is { } entry
            ? (await session.Target.PlanAsync(entry, cancel)).Match<Result<Plan>>(
                planned => planned.Plan,
                failure => failure
            )
            : await session.Target.BegunPlanAsync(chosen.Record!.Name, cancel);
        return plan.Match(
            found =>
            {
                Remark(session, chosen);
                if (form.Against is { } file)
                {
                    return Compare(session, found, file, form.Name == "json");
                }

                Print(session, form.Name, found, chosen);
                return ExitCode.Done;
            },
            session.Report.Fail
        );
    }

    /// <summary>The record of a change whose plan is the one it began with; null where it is planned now.</summary>
    private static ChangeRecord? Begun(Chosen chosen) =>
        chosen is { Entry: not null, Record.Status: ChangeStatus.RolledBack } ? null : chosen.Record;

    private static void Remark(Session session, Chosen chosen)
    {
        if (Begun(chosen) is not { } record)
        {
            return;
        }

        session.Report.Note(
            $"this is the plan that {record.Name} started with on {record.CreatedAt:u}; it is "
                + $"{Text.SnakeCase(record.Status)}."
        );
        if (chosen.Entry is null)
        {
            string directory = session.Project.Changes.Path;
            session.Report.Note(
                Directory.Exists(directory)
                    ? "its file does not exist any more."
                    : $"the directory of change files does not exist: {directory}."
            );
        }
        else if (record.ContentHash != chosen.Entry.Change.ContentHash)
        {
            session.Report.Note($"{ShownPath.Of(chosen.Entry.File.Path)} was edited since.");
        }
    }

    private static void Print(Session session, string form, Plan plan, Chosen chosen)
    {
        switch (form)
        {
            case "json":
                session.Report.Raw(PlanJson.Document(plan));
                break;
            case "sql":
                session.Report.Raw(session.Target.Engine.Inspection.Script(plan));
                break;
            default:
                string? description = chosen.Entry?.Change.Description ?? chosen.Record?.Description;
                new PlanText(session.Report.Results).Write(plan, description);
                NextText next = new(session.Report.Results, session.Hints);
                if (Begun(chosen) is { } record)
                {
                    next.Write(Standings.Of(record, []).Next);
                }
                else
                {
                    next.Write(plan);
                }

                break;
        }
    }

    private static ExitCode Nothing(Session session, string form)
    {
        if (form == "json")
        {
            session.Report.Document(
                new JsonObject
                {
                    ["hash"] = null,
                    ["shapeHash"] = null,
                    ["plan"] = null,
                }
            );
        }
        else
        {
            session.Report.Remarks.Line("Nothing to plan: every change is completed or rolled back.");
        }

        return ExitCode.Done;
    }
}
