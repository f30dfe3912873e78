namespace Segue.Conformance;

/// <summary>Changes that every engine can do, and the plain statements they come to.</summary>
internal static class PortableCases
{
    private static readonly Dictionary<string, Func<IDialect, ChangeCase>> ByName = new()
    {
        ["a column that is required"] = sql => Column(sql, 300, "amount * 2", isRequired: true),
        ["a column that may be empty"] = sql => Column(sql, 300, "amount * 2", isRequired: false),
        ["a column computed by an expression"] = sql =>
            Column(sql, 300, "(id + amount) * 3 - 1000 / amount", isRequired: true),
        ["a column of an empty table"] = sql => Column(sql, 0, "amount * 2", isRequired: true),
        ["a column of a table with one row"] = sql => Column(sql, 1, "amount * 2", isRequired: true),
        ["two columns"] = TwoColumns,
        ["an index"] = sql => Index(sql, isUnique: false),
        ["a unique index"] = sql => Index(sql, isUnique: true),
        ["a column and an index"] = ColumnAndIndex,
    };

    public static IEnumerable<string> Names => ByName.Keys;

    public static ChangeCase Of(string name, IDialect sql) => ByName[name](sql) with { Name = name };

    private static ChangeCase Column(IDialect sql, int rows, string expression, bool isRequired) =>
        new()
        {
            Name = "",
            Setup = sql.Table("items", rows),
            File = $"operations:\n{AddColumn("code", expression, isRequired)}",
            Plain = sql.AddColumn("items", "code", expression, isRequired),
        };

    private static ChangeCase TwoColumns(IDialect sql) =>
        new()
        {
            Name = "",
            Setup = sql.Table("items", 300),
            File =
                "operations:\n"
                + AddColumn("code", "amount * 2", isRequired: true)
                + AddColumn("half", "amount / 2", isRequired: false),
            Plain =
                $"{sql.AddColumn("items", "code", "amount * 2", isRequired: true)};"
                + sql.AddColumn("items", "half", "amount / 2", isRequired: false),
        };

    private static ChangeCase Index(IDialect sql, bool isUnique) =>
        new()
        {
            Name = "",
            Setup = sql.Table("items", 300),
            File = $"operations:\n{CreateIndex(isUnique)}",
            Plain = sql.CreateIndex("items_amount", "items", "amount", isUnique),
        };

    private static ChangeCase ColumnAndIndex(IDialect sql) =>
        new()
        {
            Name = "",
            Setup = sql.Table("items", 300),
            File = $"operations:\n{AddColumn("code", "amount * 2", isRequired: true)}{CreateIndex(isUnique: false)}",
            Plain =
                $"{sql.AddColumn("items", "code", "amount * 2", isRequired: true)};"
                + sql.CreateIndex("items_amount", "items", "amount", isUnique: false),
        };

    private static string AddColumn(string name, string expression, bool isRequired) =>
        $"  - add_column: {{ table: items, name: {name}, type: bigint, nullable: {(isRequired ? "false" : "true")}, "
        + $"backfill: \"{expression}\" }}\n";

    private static string CreateIndex(bool isUnique) =>
        "  - create_index: { table: items, name: items_amount, columns: [amount], "
        + $"unique: {(isUnique ? "true" : "false")} }}\n";
}
