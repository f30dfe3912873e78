namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>A table, a view on it, and a change of the type that the view knows.</summary>
internal static class GoodsTable
{
    public const string Goods =
        "CREATE TABLE goods (id int PRIMARY KEY, code varchar(20), price int); INSERT INTO goods SELECT n, "
        + "'c' || n, n FROM generate_series(1, 100) n;";

    public const string Cheap = "CREATE VIEW cheap AS SELECT id, code FROM goods WHERE price < 3;";

    public const string Widen = "operations:\n  - alter_column: { table: goods, name: code, type: text }";
}
