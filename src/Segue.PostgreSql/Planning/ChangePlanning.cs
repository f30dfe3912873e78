using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Columns;
using Segue.PostgreSql.Planning.Constraints;
using Segue.PostgreSql.Planning.Indexes;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Rows;
using Segue.PostgreSql.Planning.Statements;
using Segue.PostgreSql.Planning.Tables;
using Segue.PostgreSql.Planning.Types;

namespace Segue.PostgreSql.Planning;

/// <summary>
/// Plans one change inside the transaction that will be rolled back: each kind in its own file, together in stages.
/// </summary>
internal sealed class ChangePlanning(Draft draft) : IOperationVisitor<Task<IReadOnlyList<StagedStep>>>
{
    /// <summary>Relations that steps of the change lock, with the first operation that does.</summary>
    private readonly Dictionary<string, string> _locked = [];

    public async Task<PlanOutcome> PlanAsync()
    {
        List<(Operation Operation, IReadOnlyList<StagedStep> Steps)> planned = [];
        await draft.CheckEncodingAsync(draft.Change.Name, "description", draft.Change.Description);

        // New types first: all operations on a table's columns are planned at the first one's place, which may come
        // before the type that a later one needs.
        foreach (
            Operation operation in draft.Change.Operations.OrderBy(operation =>
                operation is CreateEnumType or CreateDomain ? 0 : 1
            )
        )
        {
            try
            {
                IReadOnlyList<StagedStep> own = await operation.Accept(this);
                RefuseMoved(operation, own);
                planned.Add((operation, own));
            }
            catch (ProbeException cannot)
            {
                // The transaction has failed with it: no further question is possible.
                return new PlanOutcome.Refused([
                    .. draft.Refused,
                    new Problem(operation.Title, cannot.Message, cannot.Remedy ?? ""),
                ]);
            }
        }

        StagedStep[] steps = [.. planned.SelectMany(each => each.Steps)];
        TellWhatComesLast(planned);

        if (!draft.HasProblems)
        {
            await RefuseMetAsync();
        }

        if (draft.Invalid.Count > 0)
        {
            return new PlanOutcome.Invalid(draft.Invalid);
        }

        if (draft.Refused.Count > 0)
        {
            return new PlanOutcome.Refused(draft.Refused);
        }

        string[] locked =
        [
            .. steps.SelectMany(step => step.Step.Impact.Locks).Select(held => held.Relation).Distinct(),
        ];
        IReadOnlyList<string> fingerprint = await Fingerprint.OfAsync(draft.Connection, locked, draft.Cancel);
        return new PlanOutcome.Planned(
            new Plan
            {
                Change = draft.Change.Name,
                ChangeHash = draft.Change.ContentHash,
                Engine = ServerFacts.Engine,
                ServerVersion = draft.Server.Major,
                Limits = LockLimits.Under(draft.Options.Limits, draft.Server.DeadlockTimeoutMs),
                SearchPath = draft.Server.SearchPath,
                Settings = draft.Settings,
                Stages =
                [
                    .. JoinedProofs
                        .Of(WithOneGate(steps))
                        .GroupBy(step => step.Stage)
                        .OrderBy(stage => stage.Key)
                        .Select(stage => new Stage(stage.Key, [.. stage.Select(step => step.Step)])),
                ],
                Hazards = draft.Hazards,
                Afterwards = draft.Afterwards,
                Fingerprint = [.. fingerprint.Where(Counts)],
                Alters = [.. draft.Altered.Concat(draft.AltersLater).Distinct().Order(StringComparer.Ordinal)],
                Takes = [.. draft.Taken.Order(StringComparer.Ordinal)],
            }
        );
    }

    /// <summary>All of its work comes after the gate; it may check rows before.</summary>
    private static bool WaitsForTheGate(IReadOnlyList<StagedStep> steps) =>
        steps.Any(step => step.Stage >= StageName.Switch)
        && steps.All(step => step.Stage >= StageName.Switch || step.Step is VerifyStep);

    /// <summary>
    /// Work that waits for the gate comes last, so an operation written after it must not depend on it.
    /// </summary>
    private void TellWhatComesLast(IReadOnlyList<(Operation Operation, IReadOnlyList<StagedStep> Steps)> planned)
    {
        foreach (
            (int i, (Operation late, IReadOnlyList<StagedStep> steps)) in planned
                .Index()
                .Where(each => WaitsForTheGate(each.Item.Steps))
        )
        {
            HashSet<string> relations =
            [
                .. steps.SelectMany(step => step.Step.Impact.Locks).Select(held => held.Relation),
            ];
            string[] earlier =
            [
                .. planned
                    .Skip(i + 1)
                    .Where(other =>
                        other.Steps.Any(step =>
                            step.Stage < StageName.Switch
                            && step.Step.Impact.Locks.Any(held => relations.Contains(held.Relation))
                        )
                    )
                    .Select(other => $"`{other.Operation.Title}`"),
            ];
            draft.Hazards.AddRange(
                earlier.Length == 0
                    ? []
                    :
                    [
                        new Hazard(
                            "comes-last",
                            $"`{late.Title}` waits for the gate. {string.Join(", ", earlier)}, written "
                                + $"after it, {(earlier.Length == 1 ? "runs" : "run")} before it. If an "
                                + "operation needs it to be done first, make two changes."
                        ),
                    ]
            );
        }
    }

    /// <summary>
    /// The rollback of a change that waits at its gate restores what it found, even if another change altered it
    /// meanwhile.
    /// </summary>
    private async Task RefuseMetAsync()
    {
        IReadOnlyList<(string Change, string Thing)> met = await UnfinishedChanges.MeetingAsync(
            draft.Connection,
            draft.Change.Name,
            [.. draft.Taken],
            draft.Cancel
        );
        draft.Refused.AddRange(
            met.Select(other => new Problem(
                draft.Change.Name,
                $"the change {other.Change} is not finished and works on the same object: {other.Thing}.",
                $"Complete or roll back {other.Change} first; then apply this one."
            )
            {
                Next = [NextAction.Complete(other.Change), NextAction.Rollback(other.Change)],
            })
        );
    }

    /// <summary>
    /// Every operation is planned for the tables as they are now: none can work on a table that another one moves.
    /// </summary>
    private void RefuseMoved(Operation operation, IReadOnlyList<StagedStep> own)
    {
        foreach (
            string relation in own.SelectMany(step => step.Step.Impact.Locks).Select(held => held.Relation).Distinct()
        )
        {
            if (_locked.TryAdd(relation, operation.Title) || _locked[relation] == operation.Title)
            {
                continue;
            }

            if (draft.Moved.TryGetValue(relation, out string? mover))
            {
                string other = mover == operation.Title ? _locked[relation] : mover;
                draft.Invalid.Add(
                    new Problem(
                        operation.Title,
                        $"`{other}` of the same change works on {relation} as well, and each operation "
                            + "is planned for the table as it is now.",
                        "Split them into two changes, one after the other."
                    )
                );
            }
        }
    }

    /// <summary>
    /// Indexes may be created and dropped at any time without an app's noticing: only the change's own must stay.
    /// </summary>
    private bool Counts(string line) =>
        !draft.Altered.Any(altered => line.StartsWith(altered, StringComparison.Ordinal))
        && (!line.StartsWith("index ", StringComparison.Ordinal) || draft.Watched.Contains(line));

    /// <summary>The person who completes the change is shown everything it waits for.</summary>
    private static IEnumerable<StagedStep> WithOneGate(IReadOnlyList<StagedStep> steps)
    {
        GateStep[] gates = [.. steps.Select(step => step.Step).OfType<GateStep>()];
        if (gates.Length < 2)
        {
            return steps;
        }

        GateStep one = gates[0] with
        {
            Id = "switch",
            Title = string.Join(", ", gates.Select(gate => gate.Title).Distinct()),
            WaitsFor = string.Join("; ", gates.Select(gate => gate.WaitsFor)),
        };
        return steps.Where(step => step.Step is not GateStep).Append(new StagedStep(StageName.Switch, one));
    }

    public Task<IReadOnlyList<StagedStep>> Visit(AddColumn operation) => new ColumnPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AlterColumn operation) =>
        new ColumnPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(CreateIndex operation) =>
        new IndexPlanning(draft).CreateAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(DropIndex operation) => new IndexPlanning(draft).DropAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(RenameIndex operation) =>
        new IndexPlanning(draft).RenameAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(ReplaceIndex operation) =>
        new IndexPlanning(draft).ReplaceAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(Reindex operation) => new ReindexPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AddCheck operation) =>
        new ConstraintPlanning(draft).AddAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AddForeignKey operation) =>
        new ConstraintPlanning(draft).AddAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AddUnique operation) => new KeyPlanning(draft).AddAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AddPrimaryKey operation) => new KeyPlanning(draft).AddAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AddExclusion operation) =>
        new ConstraintPlanning(draft).AddAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(DropConstraint operation) =>
        new ConstraintPlanning(draft).DropAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(RenameConstraint operation) =>
        new ConstraintPlanning(draft).RenameAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(BackfillRows operation) => new RowPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(PruneRows operation) => new RowPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(RawSql operation) => new SqlPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(CreateEnumType operation) =>
        new EnumPlanning(draft).CreateAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AddEnumValue operation) => new EnumPlanning(draft).AddAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(RenameEnumValue operation) =>
        new EnumPlanning(draft).RenameAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(CreateDomain operation) =>
        new DomainPlanning(draft).CreateAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AlterDomain operation) =>
        new DomainPlanning(draft).AlterAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(SetOptions operation) =>
        new OptionsPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AttachPartition operation) =>
        new AttachPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(DetachPartition operation) =>
        new DetachPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(CreateTable operation) =>
        new CreateTablePlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(RenameTable operation) =>
        new RenameTablePlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(DropTable operation) =>
        new DropTablePlanning(draft).PlanAsync(operation);
}
