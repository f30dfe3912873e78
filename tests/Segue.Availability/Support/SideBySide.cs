namespace Segue.Availability.Support;

/// <summary>
/// Tests that assert what came to be and not how long it took: one at a time, for some stop servers that the others
/// share, and beside the crash tests, which are on another server.
/// </summary>
[CollectionDefinition(Name)]
public static class SideBySide
{
    public const string Name = "side by side";
}
