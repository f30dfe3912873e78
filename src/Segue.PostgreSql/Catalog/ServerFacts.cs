namespace Segue.PostgreSql.Catalog;

/// <summary>What the planner knows of the server, the database and its own role.</summary>
internal sealed record ServerFacts
{
    public required int VersionNumber { get; init; }

    public required bool InRecovery { get; init; }

    public required bool IsSuperuser { get; init; }

    public required IReadOnlyList<string> SearchPath { get; init; }

    public required string Role { get; init; }

    /// <summary>Something between us and the server hands out its own session ids: a pooler.</summary>
    public required bool IsBehindPooler { get; init; }

    public int Major => VersionNumber / 10000;
}
