using Npgsql;
using Segue.Planning;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Locks;

/// <summary>
/// Runs a step's own statements on one backend and reads from the server which locks they took on the user's tables, and what a bystander
/// can do meanwhile.
/// </summary>
internal sealed class LockProbe(TestDatabase db, Plan plan)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // From the weakest to the strongest; each conflicts with all that the one before it conflicts with, but for SHARE, which lets itself in.
    private static readonly string[] Modes =
        ["ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"];

    /// <summary>Runs the step for good.</summary>
    public Task<IReadOnlyList<string>> CommitAsync(Step step) => RunAsync(step, commit: true);

    /// <summary>Runs the step and takes it back.</summary>
    public Task<IReadOnlyList<string>> TryAsync(Step step) => RunAsync(step, commit: false);

    /// <summary>What the plan says, in the same words.</summary>
    public static IReadOnlyList<string> Stated(Step step) =>
        [.. step.Impact.Locks.GroupBy(held => held.Relation)
            .Select(locks => $"{locks.Key}: {locks.Select(held => held.Mode).MaxBy(Strength)}, blocks {locks.Max(held => held.Blocks)}")
            .Order(StringComparer.Ordinal)];

    private async Task<IReadOnlyList<string>> RunAsync(Step step, bool commit)
    {
        await using NpgsqlConnection connection = await db.OpenAsync();
        if (step is OnlineStep online && online.Statement.Contains("CONCURRENTLY"))
        {
            return await WatchAsync(connection, online.Statement);
        }

        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, $"SET LOCAL search_path = {string.Join(", ", plan.SearchPath.Select(schema => $"\"{schema}\""))}");
        foreach (string statement in StatementsOf(step))
        {
            await ExecuteAsync(connection, statement);
        }

        IReadOnlyList<string> held = await HeldAsync(connection.ProcessID);
        if (commit)
        {
            await transaction.CommitAsync();
        }

        return held;
    }

    private static IEnumerable<string> StatementsOf(Step step) => step switch
    {
        DdlStep ddl => [.. ddl.PatientLocks, .. ddl.Locks, .. ddl.Statements],
        OnlineStep online => [online.Statement],
        BackfillStep backfill => backfill.Targets.SelectMany(target => new[] { target.FillPart, target.FillUnlocked, target.FillRest, target.CountLeft }).Select(WithRange),
        VerifyStep verify => verify.Checks.Select(check => WithRange(check.Query)),
        _ => [],
    };

    private static string WithRange(string statement) => statement
        .Replace("$1", "'(0,0)'::tid", StringComparison.Ordinal).Replace("$2", "'(4294967294,0)'::tid", StringComparison.Ordinal).Replace("$3", "128", StringComparison.Ordinal);

    /// <summary>A concurrent build waits for a writer of the table, so that it can be looked at; then it may end.</summary>
    private async Task<IReadOnlyList<string>> WatchAsync(NpgsqlConnection connection, string statement)
    {
        string relation = await RelationOfAsync(statement);
        await using NpgsqlConnection writer = await db.OpenAsync();
        await using NpgsqlTransaction writing = await writer.BeginTransactionAsync();
        await ExecuteAsync(writer, $"LOCK TABLE ONLY {relation} IN ROW EXCLUSIVE MODE");
        Task building = ExecuteAsync(connection, statement);
        await UntilAsync(() => db.ScalarAsync<bool>(
            $"SELECT EXISTS (SELECT FROM pg_locks WHERE pid = {connection.ProcessID} AND locktype = 'virtualxid' AND NOT granted)"));
        IReadOnlyList<string> held = await HeldAsync(connection.ProcessID);
        await writing.RollbackAsync();
        await building;
        return held;
    }

    private async Task<string> RelationOfAsync(string statement)
    {
        string relation = statement[(statement.LastIndexOf(" ON ", StringComparison.Ordinal) + 4)..statement.LastIndexOf(" (", StringComparison.Ordinal)];
        (await db.ScalarAsync<bool>($"SELECT to_regclass('{relation}') IS NOT NULL")).ShouldBeTrue(relation);
        return relation;
    }

    private async Task<IReadOnlyList<string>> HeldAsync(int pid)
    {
        IReadOnlyList<string> locks = await db.ColumnAsync(
            $"""
            SELECT format('"%s"."%s"', n.nspname, c.relname) || '|' || upper(trim(regexp_replace(replace(l.mode, 'Lock', ''), '([A-Z])', ' \1', 'g')))
            FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE l.pid = {pid} AND l.granted AND l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'segue', 'pg_toast')
            """);
        List<string> held = [];
        foreach (IGrouping<string, string> relation in locks.Select(each => each.Split('|')).GroupBy(each => each[0], each => each[1]))
        {
            held.Add($"{relation.Key}: {relation.MaxBy(Strength)}, blocks {await BlockedAsync(relation.Key)}");
        }

        return [.. held.Order(StringComparer.Ordinal)];
    }

    /// <summary>Asks as an app would, with the locks that reading and writing take.</summary>
    private async Task<Blocks> BlockedAsync(string relation) =>
        !await CanLockAsync(relation, "ACCESS SHARE") ? Blocks.ReadsAndWrites
        : !await CanLockAsync(relation, "ROW EXCLUSIVE") ? Blocks.Writes
        : Blocks.Nothing;

    private async Task<bool> CanLockAsync(string relation, string mode)
    {
        await using NpgsqlConnection bystander = await db.OpenAsync();
        await using NpgsqlTransaction transaction = await bystander.BeginTransactionAsync();
        try
        {
            await ExecuteAsync(bystander, $"LOCK TABLE ONLY {relation} IN {mode} MODE NOWAIT");
            return true;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return false;
        }
    }

    private static int Strength(string mode) => Array.IndexOf(Modes, mode);

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
