using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>An existing domain, and the tables that have columns of it.</summary>
internal sealed record ExistingDomain
{
    public required ExistingType Type { get; init; }

    /// <summary>VALUE in its CHECKs, with its collation: a suffix for a value.</summary>
    public required string Cast { get; init; }

    public required bool IsNotNull { get; init; }

    /// <summary>As the server prints it; null for none.</summary>
    public required string? Default { get; init; }

    public required string? Comment { get; init; }

    public required IReadOnlyList<DomainConstraint> Constraints { get; init; }

    /// <summary>Columns of it, or of a domain over it.</summary>
    public required IReadOnlyList<DomainColumn> Columns { get; init; }

    /// <summary>Columns of arrays, ranges and composite types of it, which the server does not check.</summary>
    public required IReadOnlyList<string> Containers { get; init; }

    public string Sql => Type.Sql;

    public static Task<ExistingDomain> ReadAsync(
        NpgsqlConnection connection,
        ExistingType type,
        CancellationToken cancel
    ) =>
        connection.AsideAsync(
            async () =>
            {
                IReadOnlyList<DomainConstraint> constraints = await connection.QueryAsync(
                    $"SELECT conname::text, contype, {Printing.Of(DomainConstraint.DefinitionOf("k"))} FROM "
                        + "pg_constraint k WHERE contypid = $1::oid ORDER BY conname",
                    row => new DomainConstraint(type.Sql, row.GetString(0), row.GetChar(1), row.GetString(2)),
                    cancel,
                    (long)type.Oid
                );
                IReadOnlyList<DomainColumn> columns = await ColumnsAsync(connection, type, cancel);
                IReadOnlyList<string> containers = await ContainersAsync(connection, type, cancel);
                return (
                    await connection.QueryAsync(
                        $"""
                        SELECT concat('::', {Printing.Of("format_type(t.typbasetype, t.typtypmod)")}, ' COLLATE ' ||
                            nullif(b.typcollation, 0)::regcollation), t.typnotnull,
                            pg_get_expr(t.typdefaultbin, 0), obj_description(t.oid, 'pg_type')
                        FROM pg_type t JOIN pg_type b ON b.oid = t.typbasetype WHERE t.oid = $1::oid
                        """,
                        row => new ExistingDomain
                        {
                            Type = type,
                            Cast = row.GetString(0),
                            IsNotNull = row.GetBoolean(1),
                            Default = row.Nullable<string>(2),
                            Comment = row.Nullable<string>(3),
                            Constraints = constraints,
                            Columns = columns,
                            Containers = containers,
                        },
                        cancel,
                        (long)type.Oid
                    )
                )[0];
            },
            cancel
        );

    private static Task<IReadOnlyList<DomainColumn>> ColumnsAsync(
        NpgsqlConnection connection,
        ExistingType type,
        CancellationToken cancel
    ) =>
        connection.QueryAsync(
            $"""
            {Family} SELECT n.nspname::text, c.relname::text, a.attname::text FROM pg_attribute a
                JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE a.atttypid IN (SELECT oid FROM family) AND a.attnum > 0 AND NOT a.attisdropped
                AND c.relkind IN ('r', 'm') ORDER BY 1, 2, a.attnum
            """,
            row => new DomainColumn(row.GetString(0), row.GetString(1), row.GetString(2)),
            cancel,
            (long)type.Oid
        );

    private static Task<IReadOnlyList<string>> ContainersAsync(
        NpgsqlConnection connection,
        ExistingType type,
        CancellationToken cancel
    ) =>
        connection.QueryAsync(
            $"""
            {Family} SELECT DISTINCT format('%s.%s.%s', n.nspname, c.relname, a.attname) FROM pg_attribute a
                JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE a.attnum > 0 AND NOT a.attisdropped
                AND ((c.relkind = 'c' AND a.atttypid IN (SELECT oid FROM family))
              OR (c.relkind IN ('r', 'p', 'm', 'c')
                  AND a.atttypid IN (SELECT typarray FROM pg_type WHERE oid IN (SELECT oid FROM family)
                  UNION SELECT unnest(ARRAY[rngtypid, rngmultitypid]) FROM pg_range
                  WHERE rngsubtype IN (SELECT oid FROM family)))) ORDER BY 1
            """,
            row => row.GetString(0),
            cancel,
            (long)type.Oid
        );

    /// <summary>A condition: a table has a column of it and had none before.</summary>
    public string IsUsedElsewhere =>
        $"""
            EXISTS ({Family.Replace("$1::oid", $"to_regtype({PostgreSql.Connections.Sql.Literal(Sql)})::oid")} SELECT
                FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
                    WHERE a.atttypid IN (SELECT oid FROM family) AND a.attnum > 0 AND NOT a.attisdropped
                        AND c.relkind IN ('r', 'm')
                      AND c.oid NOT IN (SELECT coalesce(to_regclass(known), 0)
                          FROM unnest(ARRAY[{string.Join(
                ", ",
                Columns.Select(column => PostgreSql.Connections.Sql.Literal(column.Table))
            )}]::text[]) AS known))
            """;

    /// <summary>The domain and all domains over it.</summary>
    private const string Family =
        "WITH RECURSIVE family AS (SELECT $1::oid AS oid UNION SELECT t.oid FROM pg_catalog.pg_type t JOIN "
        + "family ON t.typbasetype = family.oid AND t.typtype = 'd')";
}

internal sealed record DomainColumn(string Schema, string TableName, string Name)
{
    public string Table => PostgreSql.Connections.Sql.Name(Schema, TableName);
}

/// <summary>
/// A constraint of a domain, with the conditions that show whether it exists: the name alone proves nothing.
/// </summary>
/// <param name="Domain">Qualified and quoted.</param>
/// <param name="Definition">As the server prints it, whether proven or not.</param>
internal sealed record DomainConstraint(string Domain, string Name, char Kind, string Definition)
{
    public string Exists => Is("true");

    public string IsValid => Is("k.convalidated");

    /// <summary>With any definition.</summary>
    public string NameExists => $"EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE {Named})";

    public string NameIsTaken => $"({NameExists} AND NOT {Exists})";

    private string Named => $"k.contypid = to_regtype({Sql.Literal(Domain)}) AND k.conname = {Sql.Literal(Name)}";

    public static string DefinitionOf(string row) => $"replace(pg_get_constraintdef({row}.oid), ' NOT VALID', '')";

    private string Is(string condition) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE {Named} AND {Printing.InPlan(DefinitionOf("k"))} = "
        + $"{Sql.Literal(Definition)} AND {condition})";
}
