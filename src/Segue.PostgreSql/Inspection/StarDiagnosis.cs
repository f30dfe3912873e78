using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Stars;

namespace Segue.PostgreSql.Inspection;

/// <summary>Which statements a new column would break, over all of the user's tables.</summary>
internal sealed class StarDiagnosis(NpgsqlConnection connection)
{
    private const string Topic = "statements";
    private const int ListedAtMost = 10;

    public async Task<IReadOnlyList<Diagnosis>> ExamineAsync(string role, CancellationToken cancel)
    {
        StarStatements statements = await StarStatements.FindAsync(connection, role, cancel);
        IReadOnlyList<Diagnosis> found = await FoundAsync(statements, cancel);
        if (statements.Unseen is { } unseen)
        {
            return
            [
                .. found,
                new Diagnosis(
                    Topic,
                    Health.Limited,
                    $"Statements whose shape is * (SELECT *, COPY without columns) break on a new column. {unseen}"
                ),
            ];
        }

        return found.Count > 0
            ? found
            :
            [
                new Diagnosis(
                    Topic,
                    Health.Good,
                    "No statement in pg_stat_statements would break on a new column (SELECT *, COPY without columns)."
                ),
            ];
    }

    private async Task<IReadOnlyList<Diagnosis>> FoundAsync(StarStatements statements, CancellationToken cancel)
    {
        string[] names =
        [
            .. statements
                .Found.SelectMany(statement => statement.Relations)
                .Select(relation => relation.Name)
                .Distinct(),
        ];
        IReadOnlyList<UserTable> tables = await connection.QueryAsync(
            Tables,
            row => new UserTable(row.GetString(0), row.GetString(1), row.GetFieldValue<string[]>(2), row.GetBoolean(3)),
            cancel,
            (object)names
        );
        return
        [
            .. tables
                .Select(table => (Table: table, Queries: statements.Of(table.Names())))
                .Where(hit => hit.Queries.Count > 0)
                .Take(ListedAtMost)
                .Select(hit => new Diagnosis(
                    Topic,
                    Health.Limited,
                    $"A new column on {hit.Table.Schema}.{hit.Table.Name} would break: "
                        + $"{string.Join(" | ", hit.Queries)}. "
                        + $"{StarStatements.Roads(hit.Table.Schema, hit.Table.Name, hit.Table.Columns)}"
                )),
        ];
    }

    private const string Tables = """
        SELECT n.nspname::text, c.relname::text,
            ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
            ORDER BY attnum),
               pg_table_is_visible(c.oid) OR to_regclass(quote_ident(c.relname)) IS NULL
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.relname = ANY ($1) AND n.nspname NOT IN ('information_schema', 'segue')
            AND n.nspname NOT LIKE 'pg\_%' ORDER BY 1, 2
        """;

    /// <param name="IsMeant">A statement without a schema counts as one for this table.</param>
    private sealed record UserTable(string Schema, string Name, string[] Columns, bool IsMeant)
    {
        public IEnumerable<NamedRelation> Names() =>
            IsMeant ? [new(Schema, Name), new(null, Name)] : [new(Schema, Name)];
    }
}
