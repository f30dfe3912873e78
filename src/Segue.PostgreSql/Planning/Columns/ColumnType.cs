namespace Segue.PostgreSql.Planning.Columns;

/// <summary>A new column's type, as the server sees it.</summary>
/// <param name="Name">As the server prints it.</param>
/// <param name="Rewrites">Adding a column of it rewrites the table.</param>
internal sealed record ColumnType(string Name, bool Rewrites, bool IsComposite, bool HasDefault);
