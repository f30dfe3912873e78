namespace Segue.PostgreSql.Planning.Triggers;

/// <summary>A function that triggers of a table run, themselves or through another function.</summary>
/// <param name="Signature">As the server prints it, e.g. <c>keep_history()</c>.</param>
/// <param name="Language">e.g. <c>plpgsql</c>.</param>
/// <param name="Triggers">Those that reach it.</param>
internal sealed record TriggerFunction(
    uint Oid,
    string Signature,
    string Language,
    string Source,
    IReadOnlyList<string> Triggers
)
{
    /// <summary>
    /// Words of its text that stand for a row of the table, beside OLD and NEW: parameters of the table's row type,
    /// variables that are given one.
    /// </summary>
    public IReadOnlyList<string> Rows { get; init; } = [];

    /// <summary>Words of its text that stand for rows of the table: transition tables.</summary>
    public IReadOnlyList<string> RowSets { get; init; } = [];

    /// <summary>Its own search path, as <c>set_config</c> takes it; null for the session's.</summary>
    public string? SearchPath { get; init; }

    public bool CanBeRead => Language is "plpgsql" or "sql";

    /// <summary>For messages, e.g. <c>trigger hist, function keep_history()</c>.</summary>
    public string Title =>
        $"{(Triggers.Count == 1 ? "trigger" : "triggers")} {string.Join(", ", Triggers)}, function {Signature}";
}
