using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Locks;

/// <summary>
/// Runs a step's own statements on one backend and reads from the server which locks they took on the user's tables,
/// what a bystander can do meanwhile, and which tables they read.
/// </summary>
internal sealed class LockProbe(TestDatabase db, Plan plan)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    // From the weakest to the strongest; each conflicts with all that the one before it conflicts with, but for SHARE,
    // which lets itself in.
    private static readonly string[] Modes =
    [
        "ACCESS SHARE",
        "ROW SHARE",
        "ROW EXCLUSIVE",
        "SHARE UPDATE EXCLUSIVE",
        "SHARE",
        "SHARE ROW EXCLUSIVE",
        "EXCLUSIVE",
        "ACCESS EXCLUSIVE",
    ];

    /// <summary>Tables, each with the rows that this session read and has not yet reported.</summary>
    private const string Read = """
        SELECT relid::bigint, format('%I.%I', schemaname, relname), seq_tup_read + coalesce(idx_tup_fetch, 0)
        FROM pg_stat_xact_user_tables WHERE schemaname <> 'segue'
        """;

    /// <summary>Larger than the tables that a step may look into, smaller than those that a scan would read.</summary>
    private const long ManyRows = 500;

    /// <summary>Runs the step, for good or only to look.</summary>
    public async Task<ShownLocks> RunAsync(Step step, bool commit)
    {
        await using NpgsqlConnection connection = await db.OpenAsync();
        if (step is OnlineStep { Statement: var statement } && statement.Contains("CONCURRENTLY"))
        {
            return new ShownLocks([], await WatchAsync(connection, statement, step.Impact.Locks[0].Relation), []);
        }

        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(
            connection,
            $"SET LOCAL search_path = {string.Join(", ", plan.SearchPath.Select(schema => $"\"{schema}\""))}"
        );
        await ExecuteAllAsync(connection, step is DdlStep ddl ? [.. ddl.PatientLocks, .. ddl.Locks] : []);
        IReadOnlyList<string> asked = await HeldAsync(connection.ProcessID);
        Dictionary<long, long> before = (await ReadAsync(connection)).ToDictionary(
            table => table.Oid,
            table => table.Rows
        );
        await ExecuteAllAsync(connection, StatementsOf(step));
        IReadOnlyList<string> held = await HeldAsync(connection.ProcessID);
        string[] scanned =
        [
            .. (await ReadAsync(connection))
                .Where(table => table.Rows - before.GetValueOrDefault(table.Oid) > ManyRows)
                .Select(table => table.Name),
        ];
        if (commit)
        {
            await transaction.CommitAsync();
        }

        return new ShownLocks(asked, held, scanned);
    }

    private static Task<IReadOnlyList<(long Oid, string Name, long Rows)>> ReadAsync(NpgsqlConnection connection) =>
        connection.QueryAsync(Read, row => (row.GetInt64(0), row.GetString(1), row.GetInt64(2)), default);

    /// <summary>What the plan says, in the same words.</summary>
    public static IReadOnlyList<string> Stated(Step step) =>
        [
            .. step
                .Impact.Locks.GroupBy(held => held.Relation)
                .Select(locks =>
                    $"{locks.Key}: {locks.Select(held => held.Mode).MaxBy(Strength)}, blocks "
                    + $"{locks.Max(held => held.Blocks)}"
                )
                .Order(StringComparer.Ordinal),
        ];

    private static IEnumerable<string> StatementsOf(Step step) =>
        step switch
        {
            DdlStep ddl => ddl.Statements,
            OnlineStep online => [online.Statement],
            BackfillStep backfill => backfill
                .Targets.SelectMany(target =>
                    new[] { target.FillPart, target.FillUnlocked, target.FillRest, target.CountRemaining }
                )
                .Select(WithRange),
            VerifyStep verify => verify
                .Checks.Select(check => check.Query)
                .Append(verify.Counts ?? "SELECT")
                .Select(WithRange),
            _ => [],
        };

    private static string WithRange(string statement) =>
        statement
            .Replace("$1", "'(0,0)'::tid", StringComparison.Ordinal)
            .Replace("$2", "'(4294967294,0)'::tid", StringComparison.Ordinal)
            .Replace("$3", "128", StringComparison.Ordinal);

    /// <summary>
    /// A concurrent build or drop waits for a writer of the table, so that it can be looked at; then it may end.
    /// </summary>
    private async Task<IReadOnlyList<string>> WatchAsync(NpgsqlConnection connection, string statement, string relation)
    {
        await using NpgsqlConnection writer = await db.OpenAsync();
        await using NpgsqlTransaction writing = await writer.BeginTransactionAsync();
        await ExecuteAsync(writer, $"LOCK TABLE ONLY {relation} IN ROW EXCLUSIVE MODE");
        Task building = ExecuteAsync(connection, statement);
        await UntilAsync(() =>
            db.ScalarAsync<bool>(
                $"SELECT EXISTS (SELECT FROM pg_locks WHERE pid = {connection.ProcessID} AND locktype = "
                    + "'virtualxid' AND NOT granted)"
            )
        );
        IReadOnlyList<string> held = await HeldAsync(connection.ProcessID);
        await writing.RollbackAsync();
        await building;
        return held;
    }

    /// <summary>
    /// Tables in every mode; an index only where it is locked without its table, or where its own lock keeps a query
    /// from being planned that the table's lock
    /// would let through.
    /// </summary>
    private async Task<IReadOnlyList<string>> HeldAsync(int pid)
    {
        IReadOnlyList<string> locks = await db.ColumnAsync(
            $"""
            WITH held AS (
              SELECT c.oid, c.relkind, n.nspname, c.relname,
                  upper(trim(regexp_replace(replace(l.mode, 'Lock', ''), '([A-Z])', ' \1', 'g'))) AS mode
              FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE l.pid = {pid} AND l.granted AND l.locktype = 'relation'
                  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'segue', 'pg_toast'))
            SELECT format('"%s"."%s"|%s|', nspname, relname, mode) FROM held WHERE relkind IN ('r', 'p')
                OR (relkind = 'v' AND mode = 'ACCESS EXCLUSIVE')
            UNION ALL
            SELECT format('"%s"."%s"|%s|%s', nspname, relname, mode, i.indrelid::regclass) FROM held
                JOIN pg_index i ON i.indexrelid = held.oid
            WHERE CASE mode WHEN 'ACCESS EXCLUSIVE' THEN NOT EXISTS (SELECT FROM held t WHERE t.oid = i.indrelid
                AND t.mode = 'ACCESS EXCLUSIVE')
                  ELSE NOT EXISTS (SELECT FROM held t WHERE t.oid = i.indrelid) END
            """
        );
        List<string> held = [];
        foreach (IGrouping<string, string[]> relation in locks.Select(each => each.Split('|')).GroupBy(each => each[0]))
        {
            Blocks blocks = relation.First()[2] is { Length: > 0 } indexed
                ? await PlanningBlockedAsync(indexed)
                : await BlockedAsync(relation.Key);
            held.Add($"{relation.Key}: {relation.Select(each => each[1]).MaxBy(Strength)}, blocks {blocks}");
        }

        return [.. held.Order(StringComparer.Ordinal)];
    }

    /// <summary>Asks as an app would, with the locks that reading and writing take.</summary>
    private async Task<Blocks> BlockedAsync(string relation) =>
        !await SucceedsAsync($"LOCK TABLE ONLY {relation} IN ACCESS SHARE MODE NOWAIT") ? Blocks.ReadsAndWrites
        : !await SucceedsAsync($"LOCK TABLE ONLY {relation} IN ROW EXCLUSIVE MODE NOWAIT") ? Blocks.Writes
        : Blocks.Nothing;

    private async Task<Blocks> PlanningBlockedAsync(string relation) =>
        await SucceedsAsync("SET LOCAL lock_timeout = '50ms'", $"EXPLAIN SELECT FROM ONLY {relation}")
            ? Blocks.Nothing
            : Blocks.ReadsAndWrites;

    private async Task<bool> SucceedsAsync(params string[] statements)
    {
        await using NpgsqlConnection bystander = await db.OpenAsync();
        await using NpgsqlTransaction transaction = await bystander.BeginTransactionAsync();
        try
        {
            await ExecuteAllAsync(bystander, statements);
            return true;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }

    private static int Strength(string mode) => Array.IndexOf(Modes, mode);

    private static async Task ExecuteAllAsync(NpgsqlConnection connection, IEnumerable<string> statements)
    {
        foreach (string statement in statements)
        {
            await ExecuteAsync(connection, statement);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource patience = new(Patience);
        while (!await condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }
}

/// <param name="Asked">Held once the step's lock statements have run.</param>
/// <param name="Held">Held once all of it has run.</param>
/// <param name="Scanned">Tables of which it read many rows.</param>
internal sealed record ShownLocks(
    IReadOnlyList<string> Asked,
    IReadOnlyList<string> Held,
    IReadOnlyList<string> Scanned
);
