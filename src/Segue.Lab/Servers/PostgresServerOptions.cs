namespace Segue.Lab.Servers;

/// <summary>Which server to start and how.</summary>
public sealed record PostgresServerOptions
{
    /// <summary>The major version, 14 to 18. Default: null, any.</summary>
    public int? Major { get; init; }

    /// <summary>Whether an installed server is used before one is downloaded. Default: false.</summary>
    public bool PreferInstalled { get; init; }

    /// <summary>
    /// Settings as in <c>postgresql.conf</c>, unquoted: <c>["fsync"] = "off"</c>. Default: none, a server as durable as
    /// any.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The parent of the server's own directory. Default: the system's directory for temporary files.
    /// </summary>
    public string? DataRoot { get; init; }

    /// <summary>
    /// Whether the data stays on disk, cleanly shut down, when the server is disposed. Default: false.
    /// </summary>
    public bool KeepOnDispose { get; init; }
}
