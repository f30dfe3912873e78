using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>A column that a change alters, and the copy of its table on which the server is asked.</summary>
internal sealed record AlteredColumn(
    NpgsqlConnection Connection,
    Table Table,
    TableCopy Copy,
    ExistingColumn Column,
    AlterColumn Change
)
{
    /// <summary>The quoted name.</summary>
    public string Sql => Connections.Sql.Name(Column.Name);

    /// <summary>With its table, for people.</summary>
    public string Name => $"{Table.Name}.{Column.Name}";

    public string Alter => $"ALTER TABLE {Table.Sql} ALTER COLUMN {Sql}";

    /// <summary>A condition on the column, as the catalog has it.</summary>
    public string Is(string condition) => Conditions.ColumnIs(Table.Sql, Column.Name, condition);
}
