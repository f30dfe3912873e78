namespace Segue.Changes;

/// <summary>
/// A table as the author names it: exact, unquoted names, never folded to lower case. Without a schema it is found on
/// the search path.
/// </summary>
public sealed record TableName(string? Schema, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => Schema is null ? Name : $"{Schema}.{Name}";
}
