namespace Segue.PostgreSql.Catalog;

/// <summary>What the planner knows of the server, the database and its own role.</summary>
internal sealed record ServerFacts
{
    /// <summary>The engine's name in plans.</summary>
    public const string Engine = "postgresql";

    public required int VersionNumber { get; init; }

    public required bool InRecovery { get; init; }

    /// <summary>
    /// Transactions of our role write nothing unless they say so (<c>default_transaction_read_only</c>).
    /// </summary>
    public required bool IsReadOnly { get; init; }

    public required bool IsSuperuser { get; init; }

    public required IReadOnlyList<string> SearchPath { get; init; }

    /// <summary>Milliseconds after which who waits for a lock looks whether it is part of a deadlock.</summary>
    public int DeadlockTimeoutMs { get; init; } = 1000;

    /// <summary>Settings of our session that values and texts depend on: see <see cref="ValueSettings"/>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public required string Role { get; init; }

    /// <summary>Something between us and the server hands out its own session ids: a pooler.</summary>
    public required bool IsBehindPooler { get; init; }

    public int Major => VersionNumber / 10000;
}
