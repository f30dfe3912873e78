using Npgsql;
using Segue.Changes;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Partitions;

/// <summary>The server's answers about a future partition, on empty copies of both tables.</summary>
/// <param name="Bound">As it prints it, with FOR VALUES, or DEFAULT.</param>
/// <param name="Condition">True for the rows of the bound; an expression over the row.</param>
/// <param name="Takes">The CHECK for it.</param>
/// <param name="Excludes">The CHECK for the contrary.</param>
/// <param name="Missing">Indexes of the root without an equal on the partition: the server would build them while it
/// attaches.</param>
internal sealed record PartitionAnswer(
    string Bound,
    string Condition,
    PlannedCheck Takes,
    PlannedCheck Excludes,
    IReadOnlyList<MissingIndex> Missing
);

/// <param name="Constraint">PRIMARY KEY or UNIQUE; null for a plain index.</param>
/// <param name="Suffix">After the constraint's index, e.g. <c>DEFERRABLE</c>.</param>
internal sealed record MissingIndex(
    string Name,
    bool IsUnique,
    IndexDefinition Definition,
    string? Constraint,
    IReadOnlyList<string> Columns,
    string Suffix
);

/// <summary>Asks on copies; all of it is rolled back.</summary>
internal sealed class PartitionProbe(Draft draft, Table root, PartitionRoot facts, Table partition)
{
    private const string Root = "pg_temp.segue_probe_root";
    private const string Bounds = "pg_temp.segue_probe_bounds";

    private NpgsqlConnection Connection => draft.Connection;

    private string Copy => $"pg_temp.{Sql.Name(partition.Name)}";

    /// <summary>Null, with a problem, if the server rejects it.</summary>
    public async Task<PartitionAnswer?> AskAsync(AttachPartition operation)
    {
        string where = $"{operation.Title}: {(operation.Default ? "default" : "values")}";
        string remedy = "Write a bound that fits the root's key and overlaps no other partition.";
        try
        {
            return await Connection.AsideAsync(AttachAsync, draft.Cancel);
        }
        catch (PostgresException error)
            when (Errors.Classify(error) is ErrorClass.Permanent or ErrorClass.Rows or ErrorClass.Cancelled)
        {
            draft.Invalid.Add(new Problem(where, Words(error), remedy));
            return null;
        }

        async Task<PartitionAnswer> AttachAsync()
        {
            (string bound, string condition) = await BoundAsync(
                operation.Default ? "DEFAULT" : $"FOR VALUES {operation.Values}"
            );
            (where, remedy) = (
                operation.Title,
                "Make the table like its root first: add what it lacks (a column, `add_check`, NOT "
                    + "NULL), or drop what the root does not have."
            );
            await ExecuteAsync(
                $"CREATE TEMPORARY TABLE segue_probe_root (LIKE {root.Sql} INCLUDING CONSTRAINTS INCLUDING "
                    + $"GENERATED INCLUDING INDEXES) PARTITION BY {facts.Key} ON COMMIT DROP"
            );
            await ExecuteAsync(
                $"CREATE TEMPORARY TABLE {Sql.Name(partition.Name)} (LIKE {partition.Sql} INCLUDING "
                    + "CONSTRAINTS INCLUDING GENERATED INCLUDING IDENTITY INCLUDING INDEXES) ON COMMIT DROP"
            );
            PlannedCheck takes = await CheckAsync(condition);
            PlannedCheck excludes = await CheckAsync($"NOT {condition}");
            IReadOnlyList<string> before = await IndexesAsync();
            await ExecuteAsync($"ALTER TABLE {Root} ATTACH PARTITION {Copy} {bound}");
            return new PartitionAnswer(bound, condition, takes, excludes, await MissingAsync(before));
        }
    }

    /// <summary>
    /// Beside copies of the other partitions: here the server reports overlaps, and computes the bound of a default
    /// partition from theirs.
    /// </summary>
    private async Task<(string Bound, string Condition)> BoundAsync(string text)
    {
        await ExecuteAsync(
            $"CREATE TEMPORARY TABLE segue_probe_bounds (LIKE {root.Sql}) PARTITION BY {facts.Key} ON COMMIT DROP"
        );
        foreach ((string bound, int n) in facts.Bounds.Select((bound, n) => (bound, n)))
        {
            await ExecuteAsync(
                $"CREATE TEMPORARY TABLE segue_probe_bound_{n} PARTITION OF {Bounds} {bound} ON COMMIT DROP"
            );
        }

        await ExecuteAsync($"CREATE TEMPORARY TABLE segue_probe_new PARTITION OF {Bounds} {text}");
        return await Connection.AsideAsync(
            async () =>
                (
                    await Connection.QueryAsync(
                        $"SELECT {Printing.Of("pg_get_expr(relpartbound, oid)")}, "
                            + $"{Printing.Of("pg_get_partition_constraintdef(oid)")} FROM pg_class WHERE oid = "
                            + "'pg_temp.segue_probe_new'::regclass",
                        row => (row.GetString(0), $"({row.Nullable<string>(1) ?? "true"})"),
                        draft.Cancel
                    )
                )[0],
            draft.Cancel
        );
    }

    private Task<PlannedCheck> CheckAsync(string condition) =>
        Connection.AsideAsync(
            () => PlannedCheck.ProbeAsync(Connection, Copy, "", condition, draft.Cancel),
            draft.Cancel
        );

    private Task<IReadOnlyList<string>> IndexesAsync() =>
        Connection.QueryAsync(
            "SELECT indexrelid::text FROM pg_index WHERE indrelid = $1::regclass",
            row => row.GetString(0),
            draft.Cancel,
            Copy
        );

    private Task<IReadOnlyList<MissingIndex>> MissingAsync(IReadOnlyList<string> before) =>
        Connection.AsideAsync(
            () =>
                Connection.QueryAsync(
                    $"""
                    SELECT c.relname::text, i.indisunique, {Printing.Of("pg_get_indexdef(i.indexrelid)")},
                        ARRAY[format(' ON pg_temp.%I ', t.relname),
                        format(' ON %s.%I ', t.relnamespace::regnamespace, t.relname)],
                           coalesce(' WHERE ' || pg_get_expr(i.indpred, i.indrelid), ''), CASE k.contype
                               WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' WHEN 'x' THEN 'EXCLUDE' END,
                           ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS key(number, position)
                               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = key.number
                               WHERE key.position <= i.indnkeyatts ORDER BY key.position),
                           concat(CASE WHEN k.condeferrable THEN ' DEFERRABLE' END,
                               CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' END)
                    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
                        LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid
                    WHERE i.indrelid = $1::regclass AND i.indexrelid::text <> ALL ($2) ORDER BY k.contype = 'p' DESC, 1
                    """,
                    row => new MissingIndex(
                        row.GetString(0),
                        row.GetBoolean(1),
                        PlannedIndex.Behind(row.GetString(2), row.GetFieldValue<string[]>(3), row.GetString(4)),
                        row.Nullable<string>(5),
                        row.GetFieldValue<string[]>(6),
                        row.GetString(7)
                    ),
                    draft.Cancel,
                    Copy,
                    before.ToArray()
                ),
            draft.Cancel
        );

    private string Words(PostgresException error)
    {
        string text = error.MessageText.Replace("segue_probe_root", root.Name).Replace("segue_probe_bounds", root.Name);
        for (int n = facts.Bounds.Count - 1; n >= 0; n--)
        {
            text = text.Replace($"\"segue_probe_bound_{n}\"", facts.Bounds[n]);
        }

        return $"{text.Replace("segue_probe_new", partition.Name)}.";
    }

    private Task ExecuteAsync(string statement) => Connection.ExecuteAsync(statement, draft.Cancel);
}
