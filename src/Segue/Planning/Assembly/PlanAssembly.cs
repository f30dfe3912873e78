using Segue.Changes;
using Segue.Changes.Files;
using Segue.Changes.Keys;
using Segue.Engines;
using Segue.Ledger;

namespace Segue.Planning.Assembly;

/// <summary>
/// Puts a plan together: groups the operations, lets the engine plan each group, compares them with each other and with
/// unfinished changes, and sorts the steps into stages.
/// </summary>
/// <param name="ledger">Knows the other changes in progress.</param>
/// <param name="planner">Returns a group's steps, and adds what it finds to the draft.</param>
public sealed class PlanAssembly(
    PlanDraft draft,
    IPlanningTarget target,
    ILedgerReader ledger,
    IGroupVisitor<Task<IReadOnlyList<StagedStep>>> planner
)
{
    /// <summary>The plan, or the reasons why there is none.</summary>
    public async Task<PlanOutcome> AssembleAsync(CancellationToken cancel)
    {
        Problem[] notOffered = [.. draft.Change.Operations.SelectMany(NotOffered)];
        if (notOffered.Length > 0)
        {
            return new PlanOutcome.Invalid(notOffered);
        }

        List<PlannedGroup> planned = [];
        foreach (OperationGroup group in Grouping.Of(draft.Change, await IdentitiesAsync()))
        {
            try
            {
                planned.Add(await PlanAsync(group));
            }
            catch (CannotPlanException cannot)
            {
                return new PlanOutcome.Refused([
                    .. draft.Refused,
                    new Problem(group.Operations[0].Title, cannot.Message, cannot.Remedy ?? ""),
                ]);
            }
        }

        draft.Invalid.AddRange(SameChange.AboutMoved(draft, planned));
        draft.Hazards.AddRange(SameChange.ComingLast(planned));
        if (draft.Invalid.Count == 0 && draft.Claims.Count > 0)
        {
            // First: they may be the cause of the rest.
            draft.Refused.InsertRange(
                0,
                OtherChanges.Meeting(draft, await OtherChange.ReadAsync(ledger, draft.Change.Name, cancel))
            );
        }

        return draft switch
        {
            { Invalid: { Count: > 0 } invalid } => new PlanOutcome.Invalid(invalid),
            { Refused: { Count: > 0 } refused } => new PlanOutcome.Refused(refused),
            _ => new PlanOutcome.Planned(await PlanOfAsync([.. planned.SelectMany(group => group.Steps)])),
        };
    }

    /// <summary>Keys that this server does not have: at their place in the file, before it is asked anything.</summary>
    private IEnumerable<Problem> NotOffered(Operation operation) =>
        NeededFeatures
            .Of(operation)
            .Where(need => !target.Features.Contains(need.Feature))
            .Select(need => new Problem(
                $"{operation.Title}: {need.Keys[0]}",
                $"{target.Product} does not have `{string.Join(": ", need.Keys)}`.",
                "Leave the key out, or keep the change for servers that have it."
            ));

    /// <summary>Its steps and hazards, which know from then on where they come from.</summary>
    private async Task<PlannedGroup> PlanAsync(OperationGroup group)
    {
        int before = draft.Hazards.Count;
        IReadOnlyList<StagedStep> steps = await group.Accept(planner);
        int[] places =
        [
            .. draft
                .Change.Operations.Index()
                .Where(each => group.Operations.Any(operation => ReferenceEquals(operation, each.Item)))
                .Select(each => each.Index),
        ];
        PlannedGroup planned = new(group, [.. steps.Select(each => each with { Step = From(places, each.Step) })]);
        string? relation = planned.Relations is [var first, ..] ? first : null;
        for (int i = before; i < draft.Hazards.Count; i++)
        {
            Hazard hazard = draft.Hazards[i];
            draft.Hazards[i] = hazard with { Operations = places, Relation = hazard.Relation ?? relation };
        }

        return planned;
    }

    /// <summary>A step of a group comes from all its operations, unless the engine knows from which.</summary>
    private static Step From(IReadOnlyList<int> places, Step step)
    {
        IReadOnlyList<int> own = step.Operations.Count > 0 ? [.. step.Operations.Distinct().Order()] : places;
        return step with { Operations = own, Undo = [.. step.Undo.Select(undo => From(own, undo))] };
    }

    private async Task<Func<TableName, string>> IdentitiesAsync()
    {
        Dictionary<TableName, string> identities = [];
        IEnumerable<TableName> named = draft
            .Change.Operations.Where(operation => operation is ColumnOperation or BackfillRows)
            .Cast<TableOperation>()
            .Select(operation => operation.Table);
        TableName[] tables = [.. named.Distinct()];
        foreach (TableName table in tables)
        {
            // One name alone has nothing to be told apart from.
            string? identity = tables.Length == 1 ? null : await target.IdentityAsync(table);
            identities.Add(table, identity ?? table.ToString());
        }

        return table => identities.GetValueOrDefault(table) ?? table.ToString();
    }

    private async Task<Plan> PlanOfAsync(IReadOnlyList<StagedStep> steps)
    {
        string[] locked =
        [
            .. steps.SelectMany(each => each.Step.Impact.Locks).Select(held => held.Relation).Distinct(),
        ];
        Limits limits = target.Clamp(draft.Options.Limits);
        IReadOnlyList<string> fingerprint = await target.FingerprintAsync(locked);
        return new Plan
        {
            Change = draft.Change.Name,
            ChangeHash = draft.Change.ContentHash,
            Engine = target.Engine,
            ServerVersion = target.MajorVersion,
            Limits = limits,
            SearchPath = target.SearchPath,
            Settings = draft.Settings,
            Stages =
            [
                .. target
                    .Join(Gates.AsOne(steps))
                    .GroupBy(each => each.Stage)
                    .OrderBy(stage => stage.Key)
                    .Select(stage => new Stage(stage.Key, [.. stage.Select(each => each.Step)])),
            ],
            Hazards = [.. draft.Hazards, .. CappedLimits.Of(draft.Options.Limits, limits)],
            Afterwards = draft.Afterwards,
            Fingerprint = [.. fingerprint.Where(draft.Drift.Counts)],
            ExpectedDrift = draft.Drift.Prefixes,
            Claims = [.. draft.Claims.OrderBy(claim => claim.ToString(), StringComparer.Ordinal)],
            Operations =
            [
                .. draft.Change.Operations.Select(operation => new PlannedOperation(
                    operation.Title,
                    ChangeFileWriter.Text(operation)
                )),
            ],
            Partitions = await target.PartitionsAsync(Locked(steps)),
        };
    }

    /// <summary>Undo steps included: those lock partitions as well.</summary>
    private static IReadOnlyList<string> Locked(IEnumerable<StagedStep> steps)
    {
        IEnumerable<Step> all = steps.SelectMany(each => each.Step.Undo.Prepend(each.Step));
        return [.. all.SelectMany(step => step.Impact.Locks).Select(held => held.Relation).Distinct()];
    }
}
