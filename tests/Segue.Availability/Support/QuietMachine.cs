namespace Segue.Availability.Support;

/// <summary>Tests that measure what apps feel: one at a time, and nothing beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class QuietMachine
{
    public const string Name = "quiet machine";
}
