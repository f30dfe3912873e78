using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>A planned index on one physical table, with the conditions that show whether it exists.</summary>
/// <param name="Table">Qualified and quoted; the other names are exact.</param>
internal sealed record PlannedIndex(string Table, string Schema, string Name, IndexDefinition Definition, bool IsUnique)
{
    /// <summary>The name of the index that <see cref="ProbeAsync"/> asks about.</summary>
    public const string ProbeName = "segue_probe_index";

    public string Sql => PostgreSql.Connections.Sql.Name(Schema, Name);

    public string Create(string options) =>
        $"CREATE {(IsUnique ? "UNIQUE " : "")}INDEX "
        + $"{(options == "CONCURRENTLY" ? "CONCURRENTLY " : "")}{PostgreSql.Connections.Sql.Name(Name)} ON "
        + $"{(options == "ONLY" ? "ONLY " : "")}{Table} {Definition.Sql}";

    /// <summary>A condition: an index of that name, on that table, of exactly that definition.</summary>
    public string Exists => Is("true");

    public string IsValid => Is("i.indisvalid");

    public string IsInvalid => Is("NOT i.indisvalid");

    /// <summary>Another object has its name.</summary>
    public string NameIsTaken => $"({Conditions.RelationExists(Sql)} AND NOT {Exists})";

    /// <summary>
    /// Creates an index of the probe's name on a copy of the table, and reads its definition; the caller rolls that
    /// back.
    /// </summary>
    public static async Task<IndexDefinition> ProbeAsync(
        NpgsqlConnection connection,
        string statement,
        CancellationToken cancel
    )
    {
        await connection.ExecuteAsync(statement, cancel);
        return (
            await connection.QueryAsync(
                $"""
                SELECT {Printing.Of("pg_get_indexdef(i.indexrelid)")}, ARRAY[format(' ON pg_temp.%I ', t.relname),
                    format(' ON %s.%I ', t.relnamespace::regnamespace, t.relname)],
                    coalesce(' WHERE ' || pg_get_expr(i.indpred, i.indrelid), ''),
                       {IndexRows.LongKeys}, {IndexRows.LongEntries}
                FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
                    WHERE i.indexrelid = 'pg_temp.{ProbeName}'::regclass
                """,
                row =>
                    Behind(row.GetString(0), row.GetFieldValue<string[]>(1), row.GetString(2)) with
                    {
                        LongKeys = row.GetFieldValue<string[]>(3),
                        LongEntries = row.GetFieldValue<string[]>(4),
                    },
                cancel
            )
        )[0];
    }

    /// <summary>The text after the name of a copy.</summary>
    /// <param name="either">The name as it may be printed: up to 14 a temporary table has its schema's own
    /// name.</param>
    public static IndexDefinition Behind(string whole, string[] either, string predicate)
    {
        string on = either.First(whole.Contains);
        return new IndexDefinition(whole[(whole.IndexOf(on, StringComparison.Ordinal) + on.Length)..], predicate);
    }

    private string Is(string condition) =>
        $"""
            EXISTS (SELECT FROM pg_catalog.pg_index i
                    WHERE i.indrelid = to_regclass({PostgreSql.Connections.Sql.Literal(Table)})
                        AND i.indexrelid = to_regclass({PostgreSql.Connections.Sql.Literal(Sql)})
                      AND i.indisunique = {(IsUnique ? "true" : "false")}
                          AND right({Printing.InPlan("pg_get_indexdef(i.indexrelid)")},
                          length({PostgreSql.Connections.Sql.Literal(Definition.Text)})) =
                          {PostgreSql.Connections.Sql.Literal(Definition.Text)} AND {condition})
            """;
}
