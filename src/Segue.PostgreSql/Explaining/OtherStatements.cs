using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// Statements that cannot run on a copy of a table. Those about views, functions, types and similar objects run as they
/// are and are rolled back; for some the effects are known.
/// </summary>
internal sealed class OtherStatements(Database database)
{
    /// <summary>Null if the statement is measured on copies.</summary>
    public async Task<Explanation?> ExplainAsync(StatementText text, CancellationToken cancel)
    {
        if (text.Cascades())
        {
            return null;
        }

        await using NpgsqlConnection connection = await database.OpenOwnAsync(cancel);

        // The server may log its statements, a password included.
        if (SpokenHarms.OfUntried(text, connection.Database!) is { } harm)
        {
            return new Explanation.Measured(
                new StatementEffect
                {
                    Locks = [],
                    Work = [],
                    Dependents = [],
                    SafeRoad = null,
                    Breaks = [harm],
                }
            );
        }

        await connection.ExecuteAsync(
            "SELECT set_config('lock_timeout', '100ms', false), set_config('statement_timeout', '2s', "
                + "false), set_config('client_min_messages', 'warning', false)",
            cancel
        );
        if (text.Begins("refresh", "materialized", "view"))
        {
            return await RefreshAsync(connection, text, cancel);
        }

        if (text.Begins("alter", "domain") && await DomainAsync(connection, text, cancel) is { } domain)
        {
            return domain;
        }

        if (!text.Begins("alter", "domain") && !await NamedTables.IsTriedAsItIsAsync(connection, text, cancel))
        {
            return null;
        }

        await using NpgsqlTransaction trying = await connection.BeginTransactionAsync(cancel);
        Explanation answer = await new StatementTrial(connection).RunAsync(null, text, cancel);
        return answer is Explanation.NotMeasured cannot
            ? new Explanation.NotMeasured(cannot.Problem with { Where = "explain" })
            : answer;
    }

    /// <summary>Documentation, "REFRESH MATERIALIZED VIEW": its query runs under the lock.</summary>
    private static async Task<Explanation?> RefreshAsync(
        NpgsqlConnection connection,
        StatementText text,
        CancellationToken cancel
    )
    {
        bool isConcurrent = text.Has("concurrently");
        if (
            (await NamedTables.OfAsync(connection, text, cancel)).FirstOrDefault(table => table.Kind == 'm')
            is not { } view
        )
        {
            return null;
        }

        return new Explanation.Measured(
            new StatementEffect
            {
                Locks = [Locks.On(view.Sql, isConcurrent ? Locks.Exclusive : Locks.AccessExclusive)],
                Work = isConcurrent
                    ? []
                    :
                    [
                        new RelationWork(
                            view.Sql,
                            Cost.Rewrite,
                            "runs the view's query, for as long as that takes, and rewrites the view's contents",
                            Estimates.Rewrite(view)
                        ),
                    ],
                Dependents = [],
                SafeRoad = isConcurrent ? null : "With CONCURRENTLY, which needs a unique index, readers do not wait.",
            }
        );
    }

    /// <summary>Null if no table is read: then it runs as it is and is rolled back.</summary>
    private static async Task<Explanation?> DomainAsync(
        NpgsqlConnection connection,
        StatementText text,
        CancellationToken cancel
    )
    {
        bool isProven =
            (text.Has("add") && !text.Has("not", "valid")) || text.Has("set", "not", "null") || text.Has("validate");
        if (!isProven)
        {
            return null;
        }

        IReadOnlyList<Table> read = await TablesOfDomainAsync(connection, text, cancel);
        return read.Count == 0
            ? null
            : new Explanation.Measured(
                new StatementEffect
                {
                    Locks = [.. read.Select(table => Locks.On(table.Sql, Locks.Share))],
                    Work = [.. read.Select(table => MeasuredWork.On(table, Cost.Scan))],
                    Dependents = [],
                    SafeRoad = SafeRoads.Of(text, ["alter_domain"], []),
                    Breaks = text.Has("validate")
                        ? []
                        :
                        [
                            new Breakage(
                                BreakageKind.Narrows,
                                "the domain accepts fewer values: a violating value is rejected in "
                                    + "every column of the domain"
                            ),
                        ],
                }
            );
    }

    /// <summary>Tables with columns of the domain, or of domains based on it.</summary>
    private static async Task<IReadOnlyList<Table>> TablesOfDomainAsync(
        NpgsqlConnection connection,
        StatementText text,
        CancellationToken cancel
    )
    {
        string[] names =
        [
            .. text.Names(connection.Database!).Where(name => name.After == "domain").Select(name => name.Sql),
        ];
        IReadOnlyList<(string Schema, string Name)> tables = await connection.QueryAsync(
            """
            WITH RECURSIVE known AS (SELECT t.oid FROM pg_type t
                WHERE t.oid = ANY (SELECT to_regtype(name) FROM unnest($1) AS name) AND t.typtype = 'd'
              UNION SELECT t.oid FROM known JOIN pg_type t ON t.typtype = 'd' AND t.typbasetype = known.oid)
            SELECT DISTINCT n.nspname::text, c.relname::text FROM pg_attribute a JOIN known ON known.oid = a.atttypid
                JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'm')
                JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE NOT a.attisdropped AND a.attnum > 0
            """,
            row => (row.GetString(0), row.GetString(1)),
            cancel,
            (object)names
        );
        List<Table> read = [];
        foreach ((string schema, string name) in tables)
        {
            read.AddRange(
                await CatalogReader.FindAsync(connection, new Changes.TableName(schema, name), cancel) is { } table
                    ? [table]
                    : Array.Empty<Table>()
            );
        }

        return read;
    }
}
