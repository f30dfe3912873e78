using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// Runs a statement about other objects than tables as it is, within the planning transaction, and rolls it back at
/// once. It never waits.
/// </summary>
internal sealed class StatementTrial(NpgsqlConnection connection)
{
    /// <param name="before">The statement that ran before and that this one must undo; null for none.</param>
    public async Task<Explanation> RunAsync(StatementText? before, StatementText statement, CancellationToken cancel)
    {
        Observed seen = new();
        try
        {
            await connection.AsideAsync(
                async () =>
                {
                    await (
                        before is null
                            ? TryAsync(seen, statement, cancel)
                            : TryUndoAsync(seen, before, statement, cancel)
                    );
                    return true;
                },
                cancel
            );
        }
        catch (PostgresException error)
        {
            return Failed(error, seen);
        }

        // Other sessions may have altered something meanwhile: that is not a leftover.
        if (
            seen.Left.Count > 0
            && seen
                .Left.Except(seen.State!.Differences(await CatalogState.ReadAsync(connection, ofCopies: false, cancel)))
                .ToArray()
                is { Length: > 0 } own
        )
        {
            return StatementMeasuring.NotTakenBack(own);
        }

        // A dropped object has its name again. A new object does not exist any more, but the earlier statement will
        // have created it by then.
        Dictionary<uint, string> names = await NamesAsync(seen.Taken, cancel);
        return
            seen.Between.FirstOrDefault(each => names.TryGetValue(each.Key, out string? name) && name != each.Value).Key
                is > 0
                    and var renamed
            ? StatementMeasuring.Renames(names[renamed])
            : new Explanation.Measured(await EffectAsync(seen, statement, names, cancel));
    }

    private static Explanation.NotMeasured Failed(PostgresException error, Observed seen) =>
        new(
            error.SqlState switch
            {
                PostgresErrorCodes.LockNotAvailable => new Problem(
                    "sql",
                    "another session has locked an object that it needs, so it could not be tried.",
                    "Plan again in a moment."
                )
                {
                    Next = [NextAction.Doctor],
                },
                PostgresErrorCodes.QueryCanceled when seen is { Earlier: not null, Later: null, Taken.Count: > 0 } =>
                    new Problem(
                        "sql",
                        "Segue could not read within 300 ms what the statement removes, and its locks are held "
                            + "meanwhile: the server is busy, or its catalog is very large.",
                        "Plan again when the server is less busy; otherwise try it on a copy of the database."
                    ),
                _ => new Problem(
                    "sql",
                    $"the server rejects it: {Errors.Describe(error)}",
                    "Correct the statement. A statement that needs longer than 2 s in this trial is not supported here."
                ),
            }
        );

    private async Task TryAsync(Observed seen, StatementText statement, CancellationToken cancel)
    {
        IReadOnlyDictionary<long, SequencePosition> positions = await PositionsAsync(statement, cancel);
        IReadOnlyList<(uint Oid, string Mode)> held = await HeldAsync(cancel);
        seen.Earlier = await CatalogFacts.ReadAsync(connection, ofCopies: false, cancel) with { Positions = positions };
        await LimitAsync("100ms", "2s", cancel);
        await ExecuteAsync(seen, statement, held, cancel);
        seen.Later = await CatalogFacts.ReadAsync(connection, ofCopies: false, cancel) with
        {
            Positions = await PositionsAsync(statement, cancel),
        };
        seen.Views = new ReplacedViews(connection, seen.Earlier, seen.Later);
        seen.Queries = await seen.Views.QueriesAsync(cancel);
        seen.Calls = await CallsAsync(statement, cancel);
    }

    /// <summary>`down` removes objects that `up` created: what is asked is whether all is undone.</summary>
    private async Task TryUndoAsync(
        Observed seen,
        StatementText before,
        StatementText statement,
        CancellationToken cancel
    )
    {
        seen.State = await CatalogState.ReadAsync(connection, ofCopies: false, cancel);
        IReadOnlyList<(uint Oid, string Mode)> held = await HeldAsync(cancel);
        await LimitAsync("100ms", "2s", cancel);
        if (!StatementForms.IsQuery(before) && !before.IsCode)
        {
            await connection.ExecuteAsync(before.With([]), cancel);
            seen.Between = await NamesAsync([.. (await HeldAsync(cancel)).Except(held)], cancel);
        }

        await ExecuteAsync(seen, statement, held, cancel);
        seen.Calls = await CallsAsync(statement, cancel);
        seen.Left = await LeftAsync(seen.State, cancel);
    }

    private async Task ExecuteAsync(
        Observed seen,
        StatementText statement,
        IReadOnlyList<(uint Oid, string Mode)> held,
        CancellationToken cancel
    )
    {
        await connection.ExecuteAsync(statement.With([]), cancel);

        // With the locks of the statement that ran before: a lock that is held already does not show again.
        seen.Taken = [.. (await HeldAsync(cancel)).Except(held)];
        await LimitAsync("100ms", "300ms", cancel);
    }

    private async Task<IReadOnlyList<string>> CallsAsync(StatementText statement, CancellationToken cancel) =>
        statement.FillingQuery() is { } query ? await new VolatileCalls(connection).OfAsync(query, cancel) : [];

    private static async Task<StatementEffect> EffectAsync(
        Observed seen,
        StatementText statement,
        Dictionary<uint, string> names,
        CancellationToken cancel
    )
    {
        IReadOnlyList<Breakage> breaks = seen.Earlier is null ? [] : await BreaksAsync(seen, cancel);
        return new StatementEffect
        {
            Locks = Locks.Sorted(
                seen.Taken.Select(each =>
                        (names.GetValueOrDefault(each.Oid) ?? seen.Between.GetValueOrDefault(each.Oid)) is { } name
                            ? Locks.On(name, each.Mode)
                            : null
                    )
                    .OfType<RelationLock>()
                    .GroupBy(each => each.Relation)
                    .Select(same => same.MaxBy(each => Locks.Strength(each.Mode))!)
            ),
            Work = [],
            Dependents = [],
            SafeRoad = seen.Earlier is null
                ? null
                : SafeRoads.Of(statement, new KindsFor(seen.Earlier, seen.Later!).Of(rewrites: false), breaks),
            Calls = seen.Calls,
            Breaks = breaks,
        };
    }

    private static async Task<IReadOnlyList<Breakage>> BreaksAsync(Observed seen, CancellationToken cancel) =>
        [
            .. new CatalogDifference(
                seen.Earlier!,
                seen.Later!,
                each => PlainName.Of(each.Schema, each.Name),
                each => each.Owner
            ).Breaks(),
            .. seen.Views!.Breaks(await seen.Views.QueriesAsync(cancel), seen.Queries),
        ];

    /// <summary>
    /// What differs from before. The statements' locks are held meanwhile: in a very large database this is not asked.
    /// </summary>
    private async Task<IReadOnlyList<string>> LeftAsync(CatalogState before, CancellationToken cancel)
    {
        try
        {
            return before.Differences(await CatalogState.ReadAsync(connection, ofCopies: false, cancel));
        }
        catch (PostgresException error)
            when (!cancel.IsCancellationRequested
                && error.SqlState is PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable
            )
        {
            return [];
        }
    }

    private Task<IReadOnlyDictionary<long, SequencePosition>> PositionsAsync(
        StatementText statement,
        CancellationToken cancel
    ) =>
        SequencePositions.OfAsync(
            connection,
            [.. statement.Names(connection.Database!).Select(name => name.Sql)],
            cancel
        );

    private Task LimitAsync(string locks, string statements, CancellationToken cancel) =>
        connection.ExecuteAsync(
            "SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true)",
            cancel,
            locks,
            statements
        );

    private Task<IReadOnlyList<(uint Oid, string Mode)>> HeldAsync(CancellationToken cancel) =>
        connection.QueryAsync(
            """
            SELECT l.relation, upper(trim(regexp_replace(replace(l.mode, 'Lock', ''), '([A-Z])', ' \1', 'g')))
                FROM pg_locks l
            WHERE l.pid = pg_backend_pid() AND l.granted AND l.locktype = 'relation'
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            row => (row.GetFieldValue<uint>(0), row.GetString(1)),
            cancel
        );

    private async Task<Dictionary<uint, string>> NamesAsync(
        IReadOnlyList<(uint Oid, string Mode)> locks,
        CancellationToken cancel
    ) =>
        (
            await connection.QueryAsync(
                NamesQuery,
                row => (row.GetFieldValue<uint>(0), row.GetString(1)),
                cancel,
                (object)locks.Select(each => (long)each.Oid).ToArray()
            )
        ).ToDictionary();

    private static readonly string NamesQuery = $"""
        SELECT c.oid, {Sql.Qualified("n.nspname", "c.relname")} FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid::bigint = ANY ($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
            AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
            AND c.relnamespace <> pg_my_temp_schema()
        """;

    /// <summary>What the trial has seen so far; an error may end it at any point.</summary>
    private sealed class Observed
    {
        /// <summary>Locks of the statements.</summary>
        public IReadOnlyList<(uint Oid, string Mode)> Taken { get; set; } = [];

        public IReadOnlyList<string> Calls { get; set; } = [];

        /// <summary>Names after the earlier statement, before the one that undoes it.</summary>
        public Dictionary<uint, string> Between { get; set; } = [];

        /// <summary>The state that must exist again after an undo.</summary>
        public CatalogState? State { get; set; }

        /// <summary>What differs from that.</summary>
        public IReadOnlyList<string> Left { get; set; } = [];

        public CatalogFacts? Earlier { get; set; }

        public CatalogFacts? Later { get; set; }

        public ReplacedViews? Views { get; set; }

        /// <summary>The queries of <see cref="Views"/> with the statement in effect.</summary>
        public IReadOnlyDictionary<long, string> Queries { get; set; } = new Dictionary<long, string>();
    }
}
