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
        IReadOnlyList<(uint Oid, string Mode)> taken = [];
        IReadOnlyList<string> calls = [];
        Dictionary<uint, string> between = [];
        CatalogState? state = null;
        IReadOnlyList<string> left = [];
        CatalogFacts? earlier = null;
        CatalogFacts? later = null;
        ReplacedViews? views = null;
        IReadOnlyDictionary<long, string> queries = new Dictionary<long, string>();
        try
        {
            await connection.AsideAsync(TryAsync, cancel);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return new Explanation.NotMeasured(
                new Problem(
                    "sql",
                    "another session has locked an object that it needs, so it could not be tried.",
                    "Plan again in a moment."
                )
                {
                    Next = [NextAction.Doctor],
                }
            );
        }
        catch (PostgresException error)
            when (error.SqlState == PostgresErrorCodes.QueryCanceled
                && earlier is not null
                && later is null
                && taken.Count > 0
            )
        {
            return new Explanation.NotMeasured(
                new Problem(
                    "sql",
                    "the catalog is so large that Segue cannot read within 300 ms what the statement "
                        + "removes, and its locks are held meanwhile.",
                    "Try it on a copy of the database."
                )
            );
        }
        catch (PostgresException error)
        {
            return new Explanation.NotMeasured(
                new Problem(
                    "sql",
                    $"the server rejects it: {Errors.Describe(error)}",
                    "Correct the statement. A statement that needs longer than 2 s in this trial is not supported here."
                )
            );
        }

        async Task<bool> TryAsync()
        {
            state = before is null ? null : await CatalogState.ReadAsync(connection, ofCopies: false, cancel);
            IReadOnlyDictionary<long, SequencePosition> positions = await PositionsAsync(statement, cancel);
            IReadOnlyList<(uint Oid, string Mode)> held = await HeldAsync(cancel);

            // `down` removes objects that `up` created.
            earlier = before is null
                ? await CatalogFacts.ReadAsync(connection, ofCopies: false, cancel) with
                {
                    Positions = positions,
                }
                : null;
            await LimitAsync("100ms", "2s", cancel);
            if (before is not null && !StatementForms.IsQuery(before) && !before.IsCode)
            {
                await connection.ExecuteAsync(before.With([]), cancel);
                between = await NamesAsync([.. (await HeldAsync(cancel)).Except(held)], cancel);
            }

            await connection.ExecuteAsync(statement.With([]), cancel);

            // With the locks of the statement that ran before: a lock that is held already does not show again.
            taken = [.. (await HeldAsync(cancel)).Except(held)];
            await LimitAsync("100ms", "300ms", cancel);
            later = earlier is null
                ? null
                : await CatalogFacts.ReadAsync(connection, ofCopies: false, cancel) with
                {
                    Positions = await PositionsAsync(statement, cancel),
                };
            views = earlier is null ? null : new ReplacedViews(connection, earlier, later!);
            queries = views is null ? queries : await views.QueriesAsync(cancel);
            calls = statement.FillingQuery() is { } query
                ? await new VolatileCalls(connection).OfAsync(query, cancel)
                : [];
            left = state is null ? [] : await LeftAsync(state, cancel);
            return true;
        }

        // Other sessions may have altered something meanwhile: that is not a leftover.
        if (
            left.Count > 0
            && left.Except(state!.Differences(await CatalogState.ReadAsync(connection, ofCopies: false, cancel)))
                .ToArray()
                is { Length: > 0 } own
        )
        {
            return StatementMeasuring.NotTakenBack(own);
        }

        // A dropped object has its name again. A new object does not exist any more, but the earlier statement will
        // have created it by then.
        Dictionary<uint, string> names = await NamesAsync(taken, cancel);
        if (
            between.FirstOrDefault(each => names.TryGetValue(each.Key, out string? name) && name != each.Value).Key
            is > 0
                and var renamed
        )
        {
            return StatementMeasuring.Renames(names[renamed]);
        }

        RelationLock[] locks =
        [
            .. taken
                .Select(each =>
                    (names.GetValueOrDefault(each.Oid) ?? between.GetValueOrDefault(each.Oid)) is { } name
                        ? Locks.On(name, each.Mode)
                        : null
                )
                .OfType<RelationLock>()
                .GroupBy(each => each.Relation)
                .Select(same => same.MaxBy(each => Locks.Strength(each.Mode))!),
        ];
        IReadOnlyList<Breakage> breaks = earlier is null
            ? []
            :
            [
                .. new CatalogDifference(
                    earlier,
                    later!,
                    each => CatalogDifference.Plain(each.Schema, each.Name),
                    each => each.Owner
                ).Breaks(),
                .. views!.Breaks(await views.QueriesAsync(cancel), queries),
            ];
        return new Explanation.Measured(
            new StatementEffect
            {
                Locks = locks,
                Work = [],
                Dependents = [],
                SafeRoad = earlier is null
                    ? null
                    : SafeRoads.Of(statement, new KindsFor(earlier, later!).Of(rewrites: false), breaks),
                Calls = calls,
                Breaks = breaks,
            }
        );
    }

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
}
