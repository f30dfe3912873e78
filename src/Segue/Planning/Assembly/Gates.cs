namespace Segue.Planning.Assembly;

/// <summary>The gates of a change's operations as one, which shows everything it waits for.</summary>
internal static class Gates
{
    public static IReadOnlyList<StagedStep> AsOne(IReadOnlyList<StagedStep> steps)
    {
        GateStep[] gates = [.. steps.Select(each => each.Step).OfType<GateStep>()];
        if (gates.Length < 2)
        {
            return steps;
        }

        GateStep one = gates[0] with
        {
            Id = "switch",
            Title = string.Join(", ", gates.Select(gate => gate.Title).Distinct()),
            Policy = GatePolicy.Of([.. gates.Select(gate => gate.Policy)]),
            Operations = [.. gates.SelectMany(gate => gate.Operations).Distinct().Order()],
        };
        return [.. steps.Where(each => each.Step is not GateStep), new StagedStep(StageName.Switch, one)];
    }
}
