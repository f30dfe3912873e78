namespace Segue.PostgreSql.Catalog;

/// <summary>Facts for the planner: the server, the database and its own role.</summary>
internal sealed record ServerFacts
{
    /// <summary>The engine's name in plans.</summary>
    public const string Engine = "postgresql";

    public required int VersionNumber { get; init; }

    public required bool InRecovery { get; init; }

    /// <summary>Transactions of our role are read-only by default (<c>default_transaction_read_only</c>).</summary>
    public required bool IsReadOnly { get; init; }

    public required bool IsSuperuser { get; init; }

    public required IReadOnlyList<string> SearchPath { get; init; }

    /// <summary>Milliseconds after which a session that waits for a lock checks for a deadlock.</summary>
    public int DeadlockTimeoutMs { get; init; } = 1000;

    /// <summary>Settings of our session that affect values and texts: see <see cref="ValueSettings"/>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public required string Role { get; init; }

    /// <summary>A pooler is between us and the server: it assigns its own session ids.</summary>
    public required bool IsBehindPooler { get; init; }

    public int Major => VersionNumber / 10000;
}
