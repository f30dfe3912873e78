namespace Segue.Planning.Assembly;

/// <summary>A group with the steps that its engine planned for it.</summary>
internal sealed record PlannedGroup(OperationGroup Group, IReadOnlyList<StagedStep> Steps)
{
    public string Title => Group.Operations[0].Title;

    /// <summary>Relations that its steps lock, each once.</summary>
    public IReadOnlyList<string> Relations { get; } =
    [.. Steps.SelectMany(each => each.Step.Impact.Locks).Select(held => held.Relation).Distinct()];

    /// <summary>It changes nothing before the gate; it may read rows before.</summary>
    public bool WaitsForTheGate =>
        Steps.Any(each => each.Stage >= StageName.Switch)
        && Steps.All(each => each.Stage >= StageName.Switch || each.Step is VerifyStep);

    /// <summary>It works on one of the relations before the gate.</summary>
    public bool WorksBeforeTheGate(IReadOnlyCollection<string> relations) =>
        Steps.Any(each =>
            each.Stage < StageName.Switch && each.Step.Impact.Locks.Any(held => relations.Contains(held.Relation))
        );
}
