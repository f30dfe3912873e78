using System.CommandLine;
using System.Text.Json.Nodes;
using Segue.Cli.Rendering;
using Segue.Cli.Running;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Cli.Commands;

/// <summary><c>segue plan [CHANGE]</c>: every statement that would run, what it blocks and what it costs. Changes nothing.</summary>
internal static class PlanCommand
{
    public static Command Create(Host host)
    {
        Argument<string?> change = CommonOptions.OptionalChange("The change's name, the beginning of it, or its file. Default: the first that is not completed.");
        Verb verb = new(
            "plan",
            "Shows how a change would run on this database, statement for statement.",
            "It changes nothing. For a change that has begun it shows the plan it was begun with, which is the one that runs.",
            "segue plan 0007_orders_currency",
            "segue plan 0007 --output json > plan.json        for review and approval; holds the hash",
            "segue plan 0007 --output sql                     the script, for a DBA's eyes")
        {
            change, CommonOptions.Database, CommonOptions.Changes, CommonOptions.OutputOf("text", "json", "sql"),
        };
        verb.Add(LimitOptions.Planning);
        verb.SetAction((parse, cancel) => DatabaseVerb.RunAsync(
            host, parse, (session, token) => RunAsync(session, CommonOptions.FormOf(parse), parse.GetValue(change), token), cancel));
        return verb;
    }

    private static async Task<ExitCode> RunAsync(Session session, string form, string? wanted, CancellationToken cancel)
    {
        ILedger ledger = session.Engine.Ledger;
        IReadOnlyList<ChangeRecord> known = await ledger.ExistsAsync(cancel) ? await ledger.ListAsync(cancel) : [];
        ChangeFiles files = new(session.Project.Changes);
        Result<ChangeFiles.Entry?> chosen = wanted is null
            ? files.Pending(known).Match<Result<ChangeFiles.Entry?>>(pending => new Result<ChangeFiles.Entry?>.Good(pending.Count == 0 ? null : pending[0]), failure => failure)
            : files.Find(wanted).Match<Result<ChangeFiles.Entry?>>(entry => entry, failure => failure);
        return await chosen.Match(
            entry => entry is null
                ? Task.FromResult(Nothing(session, form))
                : ShowAsync(session, form, entry, known.FirstOrDefault(record => record.Name == entry.Change.Name), cancel),
            failure => Task.FromResult(session.Report.Fail(failure)));
    }

    private static async Task<ExitCode> ShowAsync(Session session, string form, ChangeFiles.Entry entry, ChangeRecord? record, CancellationToken cancel)
    {
        Result<Plan> plan = record is null or { Status: ChangeStatus.RolledBack }
            ? await new ChangePlanner(session).PlanAsync(entry, cancel)
            : await StoredPlans.ReadAsync(session, record, cancel);
        return plan.Match(
            found =>
            {
                Remark(session, entry, record);
                Print(session, form, found, entry);
                return ExitCode.Done;
            },
            session.Report.Fail);
    }

    private static void Remark(Session session, ChangeFiles.Entry entry, ChangeRecord? record)
    {
        if (record is null or { Status: ChangeStatus.RolledBack })
        {
            return;
        }

        session.Report.Note($"this is the plan that {record.Name} was begun with on {record.CreatedAt:u}; it is {Text.SnakeCase(record.Status)}.");
        if (record.ContentHash != entry.Change.ContentHash)
        {
            session.Report.Note($"{entry.File.Path} was edited since.");
        }
    }

    private static void Print(Session session, string form, Plan plan, ChangeFiles.Entry entry)
    {
        switch (form)
        {
            case "json":
                session.Report.Raw(PlanJson.Document(plan));
                break;
            case "sql":
                session.Report.Raw(session.Engine.Script(plan));
                break;
            default:
                new PlanText(session.Report.Results).Write(plan, entry.Change.Description);
                new NextText(session.Report.Results, session.Hints).Write(plan);
                break;
        }
    }

    private static ExitCode Nothing(Session session, string form)
    {
        if (form == "json")
        {
            session.Report.Document(new JsonObject { ["hash"] = null, ["plan"] = null });
        }
        else
        {
            session.Report.Remarks.Line("Nothing to plan: every change is completed or rolled back.");
        }

        return ExitCode.Done;
    }
}
