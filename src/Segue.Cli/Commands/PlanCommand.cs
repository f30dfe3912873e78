using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Segue.Cli.Rendering;
using Segue.Cli.Running;
using Segue.Engines;
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
        verb.OnDatabase(
            host,
            (session, parse, cancel) => RunAsync(session, FormOf(parse), parse.GetValue(change), cancel)
        );
        return verb;
    }

    private static async Task<ExitCode> RunAsync(
        Session session,
        Form form,
        string? wanted,
        CancellationToken cancel
    ) =>
        await (
            wanted is null ? await FirstAsync(session, cancel) : Found(await session.Target.FindAsync(wanted, cancel))
        ).Match(
            chosen =>
                chosen is null
                    ? Task.FromResult(Nothing(session, form.Name))
                    : ShowAsync(session, form, chosen, cancel),
            failure => Task.FromResult(session.Report.Fail(failure))
        );

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

    /// <summary>This message is .NET's; the one about a newer format is ours.</summary>
    private static bool IsOfParser(Exception error) =>
        error is JsonException json && (json.Path is not null || json.LineNumber is not null);

    private static async Task<Result<FoundChange?>> FirstAsync(Session session, CancellationToken cancel) =>
        await (await session.Target.PendingAsync(cancel: cancel)).Match(
            async selection =>
            {
                foreach (FileNote note in selection.Notes)
                {
                    session.Report.Note($"{note.Change}: {note.What} {note.Remedy}");
                }

                return selection.Changes is [var first, ..]
                    ? Found(await session.Target.FindAsync(first.Change.Name, cancel))
                    : new Result<FoundChange?>.Good(null);
            },
            failure => Task.FromResult<Result<FoundChange?>>(failure)
        );

    private static Result<FoundChange?> Found(Result<FoundChange> found) =>
        found.Match<Result<FoundChange?>>(change => change, failure => failure);

    private static async Task<ExitCode> ShowAsync(
        Session session,
        Form form,
        FoundChange chosen,
        CancellationToken cancel
    )
    {
        Result<Plan> plan = chosen.Entry is { } entry
            ? (await session.Target.PlanAsync(entry, cancel)).Match<Result<Plan>>(
                planned => planned.Plan,
                failure => failure
            )
            : await session.Target.BegunPlanAsync(chosen.Name, cancel);
        return await plan.Match(
            async found =>
            {
                Remark(session, chosen);
                if (form.Against is { } file)
                {
                    return Compare(session, found, file, form.Name == "json");
                }

                await PrintAsync(session, form.Name, found, chosen, cancel);
                return ExitCode.Done;
            },
            failure => Task.FromResult(session.Report.Fail(failure))
        );
    }

    private static void Remark(Session session, FoundChange chosen)
    {
        if (chosen is not { HasBegunPlan: true, Record: { } record })
        {
            return;
        }

        session.Report.Note(
            $"this is the plan that {record.Name} started with on {record.CreatedAt:u}; it is "
                + $"{Text.SnakeCase(record.Status)}."
        );
        if (chosen.Entry is null)
        {
            string directory = session.Project.ChangesPath;
            session.Report.Note(
                Directory.Exists(directory)
                    ? "its file does not exist any more."
                    : $"the directory of change files does not exist: {directory}."
            );
        }
        else if (chosen.IsEdited)
        {
            session.Report.Note($"{ShownPath.Of(chosen.Entry.File.Path)} was edited since.");
        }
    }

    private static async Task PrintAsync(
        Session session,
        string form,
        Plan plan,
        FoundChange chosen,
        CancellationToken cancel
    )
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
                if (chosen.HasBegunPlan)
                {
                    next.Write((await session.Target.StatusAsync(chosen.Name, cancel)).Next);
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
