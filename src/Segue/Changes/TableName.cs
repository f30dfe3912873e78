namespace Segue.Changes;

/// <summary>A table as the author names it: exact, unquoted names. Without a schema the search path decides.</summary>
public sealed record TableName(string? Schema, string Name)
{
    public override string ToString() => Schema is null ? Name : $"{Schema}.{Name}";
}
