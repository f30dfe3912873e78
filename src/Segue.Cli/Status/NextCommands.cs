namespace Segue.Cli.Status;

/// <summary>The commands that go on from where a change stands, the usual one first.</summary>
internal static class NextCommands
{
    public static IReadOnlyList<string>? Of(Standing standing, Hints hints)
    {
        string change = standing.Name;
        return (standing.Status, standing.Stage) switch
        {
            ("pending", _) => [hints.Plan(change), hints.Apply(change)],
            ("paused", _) => [hints.Resume(change)],
            ("waiting", "switch") => [hints.Complete(change), hints.Rollback(change)],
            ("failed" or "interrupted", "rollback") => [hints.Rollback(change)],
            ("failed" or "interrupted", "contract") => [hints.Apply(change)],
            ("waiting" or "failed" or "interrupted", _) => [hints.Apply(change), hints.Rollback(change)],
            _ => null,
        };
    }
}
