using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Indexes;

/// <summary>
/// Builds an index over some real rows, including the widest, on the table's copy. The server computes its expressions
/// like the real build, from PostgreSQL 17 on with the search path <c>pg_catalog, pg_temp</c> (release notes of 17),
/// and reports itself what a row of the index cannot hold. Each access method has its own limit (B-tree a third of a
/// page, GIN the same for each key, GiST, SP-GiST and BRIN about a page), and compressed values count as compressed.
/// </summary>
internal sealed class IndexTrial(NpgsqlConnection connection, Table table, TableCopy copy)
{
    /// <summary>Rows of the table's first blocks, and as many of some blocks anywhere.</summary>
    private const int Rows = 50;

    /// <summary>
    /// Number of the widest rows, and of the blocks they come from: all blocks of a table of 16 MB. Values out of line
    /// are measured without being read.
    /// </summary>
    private const int Widest = 20;
    private const int MeasuredBlocks = 2048;

    /// <summary>Wider ones would make planning slow.</summary>
    private const int MostBytes = 1024 * 1024;

    private const int FirstWithoutPath = 17;

    /// <param name="index">A statement that creates it on the copy, under the probe's name, not unique.</param>
    public Task<bool> TryAsync(string key, string index, ServerFacts server, CancellationToken cancel) =>
        copy.TryAsync(
            key,
            "Correct such rows first, or index something that can be computed for every row.",
            async () =>
            {
                await connection.ExecuteAsync(index, cancel);
                (string[] columns, string[] functions, string[] expressions) = (
                    await connection.QueryAsync(
                        UsesQuery,
                        row =>
                            (
                                row.GetFieldValue<string[]>(0),
                                row.GetFieldValue<string[]>(1),
                                row.GetFieldValue<string[]>(2)
                            ),
                        cancel,
                        copy.Sql
                    )
                )[0];
                await connection.ExecuteAsync($"DROP INDEX pg_temp.{PlannedIndex.ProbeName}", cancel);
                if (!await TakeRowsAsync(columns, cancel))
                {
                    return;
                }

                PostgresException? rejection = await connection.RejectionOfAsync(
                    () => connection.ExecuteAsync(index, cancel),
                    error => Errors.Classify(error) is ErrorClass.Permanent or ErrorClass.Rows,
                    cancel
                );
                if (rejection is not null)
                {
                    throw await ExplainedAsync(rejection, index, expressions, functions, server, cancel);
                }
            },
            cancel
        );

    /// <summary>False if there are none, or our role may not read them.</summary>
    private async Task<bool> TakeRowsAsync(string[] used, CancellationToken cancel)
    {
        // The inputs of a generated column are not selected: it is computed from the whole row.
        bool isGenerated = used.Intersect(table.GeneratedColumns).Any();
        IEnumerable<string> needed = isGenerated
            ? table.Columns
            : used.Union(table.PrimaryKey).Intersect(table.Columns);
        string[] columns = [.. needed.Except(table.GeneratedColumns)];
        string[] notNull =
            await connection.ScalarAsync<string[]>(
                "SELECT ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = $1::regclass AND "
                    + "attnum > 0 AND attnotnull)",
                cancel,
                copy.Sql
            ) ?? [];
        bool mayRead = await connection.ScalarAsync<bool>(
            "SELECT has_table_privilege($1::oid, 'SELECT')",
            cancel,
            (long)table.Oid
        );
        if (columns.Length == 0 || !mayRead)
        {
            return false;
        }

        if (notNull.Length > 0)
        {
            IEnumerable<string> drops = notNull.Select(column => $"ALTER {Sql.Name(column)} DROP NOT NULL");
            await connection.ExecuteAsync($"ALTER TABLE {copy.Sql} {string.Join(", ", drops)}", cancel);
        }

        string list = Sql.Names(columns);
        string bytes = string.Join(" + ", columns.Select(column => $"coalesce(pg_column_size({Sql.Name(column)}), 0)"));
        return await connection.ExecuteAsync(
                $"""
                INSERT INTO {copy.Sql} ({list})
                (SELECT {list} FROM {table.Sql} {Sample(MeasuredBlocks)} WHERE {bytes} < {MostBytes}
                    ORDER BY {bytes} DESC LIMIT {Widest})
                UNION ALL (SELECT {list} FROM {table.Sql} LIMIT {Rows})
                UNION ALL (SELECT {list} FROM {table.Sql} {Sample(Rows)} ORDER BY hashtext(ctid::text) LIMIT {Rows})
                """,
                cancel
            ) > 0;
    }

    private string Sample(int blocks)
    {
        double percent = Math.Clamp(100.0 * blocks / Math.Max(1, table.TotalSize.Pages), 0.0001, 100);
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"TABLESAMPLE SYSTEM ({percent:0.####}) REPEATABLE (1)"
        );
    }

    private async Task<ProbeException> ExplainedAsync(
        PostgresException error,
        string index,
        string[] expressions,
        string[] functions,
        ServerFacts server,
        CancellationToken cancel
    )
    {
        string said = Errors.Describe(error);
        string computed = string.Join(", ", expressions);
        if (error.SqlState == PostgresErrorCodes.ProgramLimitExceeded)
        {
            string? row = ErrorContext.PlaceOf(error) is { } place
                ? await connection.ScalarAsync<string>(
                    $"SELECT {Key} FROM {copy.Sql} WHERE ctid = $1::tid",
                    cancel,
                    place
                )
                : await TooLongAsync(index, cancel);
            return new ProbeException(
                $"{(row is null ? "a row" : $"the row {row}")} of {table.Name} is too long for it: {said}",
                "Shorten such values first, or index a part or a hash of the value."
            );
        }

        if (expressions.Length == 0)
        {
            return new ProbeException($"it cannot be built over rows of {table.Name}: {said}");
        }

        string compute = $"SELECT count(*) FROM {copy.Sql} WHERE num_nulls({computed}) >= 0";
        bool worksWithPath = await copy.SucceedsAsync(() => connection.ScalarAsync<long>(compute, cancel), cancel);
        if (!worksWithPath)
        {
            return new ProbeException(
                $"{computed} cannot be computed for{await RowAsync(computed, cancel)} of {table.Name}: {said}",
                "Correct such rows first, or write an expression that can be computed for every row."
            );
        }

        if (server.Major < FirstWithoutPath)
        {
            return new ProbeException($"an index over rows of {table.Name} cannot be built: {said}");
        }

        string path = Sql.Names(server.SearchPath);
        return new ProbeException(
            $"{computed} cannot be computed without a search path, and PostgreSQL {server.Major} builds "
                + $"indexes without one (pg_catalog, pg_temp): {said}",
            string.Join("; ", functions.Select(function => $"`ALTER FUNCTION {function} SET search_path = {path}`"))
                + ", or name the schemas of what it calls."
        );
    }

    /// <summary>Physical addresses in the copy mean nothing to the user.</summary>
    private string Key => table.PrimaryKey.Count == 0 ? "NULL::text" : RowKeys.Of(table);

    /// <summary>
    /// Most access methods name no row: each of the selected ones is tried alone. Null if none is too long alone.
    /// </summary>
    private async Task<string?> TooLongAsync(string index, CancellationToken cancel)
    {
        IReadOnlyList<(string Place, string? Key)> taken = await connection.QueryAsync(
            $"SELECT ctid::text, {Key} FROM {copy.Sql}",
            row => (row.GetString(0), row.Nullable<string>(1)),
            cancel
        );
        foreach ((string place, string? key) in taken)
        {
            bool fits = await copy.SucceedsAsync(
                async () =>
                {
                    await connection.ExecuteAsync($"DELETE FROM {copy.Sql} WHERE ctid <> $1::tid", cancel, place);
                    await connection.ExecuteAsync(index, cancel);
                },
                cancel
            );
            if (!fits)
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>The first of the selected rows for which it fails.</summary>
    private async Task<string> RowAsync(string computed, CancellationToken cancel)
    {
        IReadOnlyList<(string Row, string? Name)> taken = await connection.QueryAsync(
            $"SELECT ctid::text, {Key} FROM {copy.Sql}",
            row => (row.GetString(0), row.Nullable<string>(1)),
            cancel
        );
        foreach ((string row, string? name) in taken)
        {
            string compute = $"SELECT count(*) FROM {copy.Sql} WHERE ctid = $1::tid AND num_nulls({computed}) >= 0";
            if (!await copy.SucceedsAsync(() => connection.ScalarAsync<long>(compute, cancel, row), cancel))
            {
                return name is null ? " a row" : $" the row {name}";
            }
        }

        return " rows";
    }

    /// <summary>
    /// The columns that the probe's index reads, the users' functions that it calls, and the expressions it computes.
    /// </summary>
    private static readonly string UsesQuery = $"""
        SELECT ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum > 0
            AND (a.attnum = ANY (i.indkey::int2[])
                 OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                     AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid
                     AND d.refobjsubid = a.attnum))),
               ARRAY(SELECT DISTINCT d.refobjid::regprocedure::text FROM pg_depend d
                   WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                   AND d.refclassid = 'pg_proc'::regclass),
               array_remove(ARRAY(SELECT pg_get_indexdef(i.indexrelid, key.position::int, false)
                   FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS key(attnum, position)
                   WHERE key.attnum = 0) || pg_get_expr(i.indpred, i.indrelid), NULL)
        FROM pg_index i WHERE i.indexrelid = 'pg_temp.{PlannedIndex.ProbeName}'::regclass AND i.indrelid = $1::regclass
        """;
}
