using Npgsql;
using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// Asks the server for the effects of an <see cref="AlterColumn"/>, on a copy of the table with its indexes and CHECKs.
/// </summary>
internal sealed class AlterationProbe(
    NpgsqlConnection connection,
    Table table,
    TableCopy copy,
    ExistingColumn column,
    AlterColumn change
)
{
    /// <summary>The actions of ALTER TABLE that change its type; null if it keeps its type.</summary>
    private string? _retyping;

    private string Name => Sql.Name(column.Name);

    private string Alter => $"ALTER TABLE {table.Sql} ALTER COLUMN {Name}";

    private string Of => $"{table.Name}.{column.Name}";

    /// <summary>
    /// CHECKs that read the column are recreated without a check of the rows under the lock, so the server is asked
    /// without them. Only if they mean the same afterwards, because operators and functions of the two types are the
    /// same: otherwise rows that they allowed would be rejected when there is no way back.
    /// </summary>
    public bool WithoutChecks { get; init; }

    /// <summary>Why the new type or collation is not supported; null if it is.</summary>
    public Problem? Unsafe { get; private set; }

    /// <summary>What the server accepts; otherwise the copy reports why.</summary>
    public async Task<IReadOnlyList<Alteration>> AskAsync(CancellationToken cancel)
    {
        copy.Where = change.Title;
        string isGone = Conditions.Not(Conditions.ColumnExists(table.Sql, column.Name));
        return
        [
            .. (await AskEachAsync(cancel)).Select(each =>
                each.IsUndone is { } isUndone ? each with { IsUndone = Conditions.Either(isGone, isUndone) } : each
            ),
        ];
    }

    private async Task<IReadOnlyList<Alteration>> AskEachAsync(CancellationToken cancel) =>
        [
            .. When(await TypeAsync(cancel)),
            .. When(await DefaultAsync(cancel)),
            .. When(change.Nullable is true && column.IsNotNull, DropNotNull),
            .. When(change.Comment is not null || (change.DropComment && column.Comment is not null), Comment),
            .. When(await StatisticsAsync(cancel)),
            .. When(await StorageAsync(cancel)),
            .. When(await CompressionAsync(cancel)),
        ];

    private async Task<Alteration?> DefaultAsync(CancellationToken cancel)
    {
        if (change.DropDefault)
        {
            return column.Default is null
                ? null
                : new Alteration
                {
                    Stage = StageName.Contract,
                    Title = $"drop the default of {column.Name}",
                    Statement = $"{Alter} DROP DEFAULT",
                    IsDone = Is("NOT a.atthasdef"),
                    WaitsFor = new GateCondition(GateEvidence.NotUsed, [$"the default of {Of}"]),
                };
        }

        if (change.Default is not { } expression || !copy.IsExpression("default", expression))
        {
            return null;
        }

        string? printed = null;
        bool goes = await copy.TryAsync(
            "default",
            "A default is an expression without columns, e.g. 'USD' in quotes, 0 or now().",
            async () =>
            {
                if (_retyping is not null)
                {
                    await connection.ExecuteAsync($"ALTER TABLE {copy.Sql} {_retyping}", cancel);
                }

                await connection.ExecuteAsync(
                    $"ALTER TABLE {copy.Sql} ALTER COLUMN {Name} SET DEFAULT {Sql.Parenthesised(expression)}",
                    cancel
                );
                printed = (await ExistingColumn.FindAsync(connection, copy.Sql, column.Name, cancel))!.Default;
            },
            cancel
        );
        return !goes || printed == column.Default
            ? null
            : new Alteration
            {
                // A value of the new type may not fit the type that the column has until then.
                Stage = _retyping is null ? StageName.Expand : StageName.Contract,
                Title = $"set the default of {column.Name}",
                Statement = $"{Alter} SET DEFAULT {Sql.Parenthesised(expression)}",
                IsDone = DefaultIs(printed),
                Undo = column.Default is { } before ? $"{Alter} SET DEFAULT {before}" : $"{Alter} DROP DEFAULT",
                IsUndone = DefaultIs(column.Default),
            };
    }

    private string DefaultIs(string? printed) =>
        printed is null
            ? Is("NOT a.atthasdef")
            : Is($"{Printing.InPlan("pg_get_expr(d.adbin, d.adrelid)")} = {Sql.Literal(printed)}");

    /// <summary>What fails in sessions that know the old type.</summary>
    /// <param name="isAnother">The type is another one, not only a longer one.</param>
    private string Reprepared(bool isAnother)
    {
        string sessions =
            change.EndSessionsOf.Count > 0
                ? $"except in idle sessions of {string.Join(", ", change.EndSessionsOf)}, which are ended"
                : StaleSessions;
        string functions = isAnother
            ? $"; sessions that ran PL/pgSQL functions over rows of {table.Name} to reconnect: in sessions that were "
                + "open such a function fails from then on (type of parameter does not match)"
            : "";
        return $"each such statement fails (cached plan must not change result type), {sessions}{functions}";
    }

    private Alteration DropNotNull() =>
        new()
        {
            Stage = StageName.Contract,
            Title = $"drop NOT NULL of {column.Name}",
            Statement = $"{Alter} DROP NOT NULL",
            IsDone = Is("NOT a.attnotnull"),
            WaitsFor = new GateCondition(GateEvidence.NullAccepted, [Of]),
        };

    private Alteration Comment() =>
        new()
        {
            Stage = StageName.Expand,
            Title = $"{(change.DropComment ? "drop" : "set")} the comment on {column.Name}",
            Statement = CommentIs(change.Comment),
            IsDone = Is($"col_description(a.attrelid, a.attnum) IS NOT DISTINCT FROM {Text(change.Comment)}"),
            Undo = CommentIs(column.Comment),
            IsUndone = Is($"col_description(a.attrelid, a.attnum) IS NOT DISTINCT FROM {Text(column.Comment)}"),
            Mode = Locks.ShareUpdateExclusive,
        };

    private string CommentIs(string? text) => $"COMMENT ON COLUMN {table.Sql}.{Name} IS {Text(text)}";

    private static string Text(string? text) => text is null ? "NULL" : Sql.Literal(text);

    private Task<Alteration?> StatisticsAsync(CancellationToken cancel) =>
        change.Statistics is not { } target
            ? Nothing
            : SettingAsync(
                "statistics",
                $"SET STATISTICS {target}",
                $"SET STATISTICS {column.Statistics}",
                $"coalesce(a.attstattarget, -1) = {target}",
                $"coalesce(a.attstattarget, -1) = {column.Statistics}",
                Locks.ShareUpdateExclusive,
                cancel
            );

    private Task<Alteration?> StorageAsync(CancellationToken cancel) =>
        change.Storage is not { } storage
            ? Nothing
            : SettingAsync(
                "storage",
                $"SET STORAGE {storage.ToString().ToUpperInvariant()}",
                $"SET STORAGE {Storages[column.Storage].ToString().ToUpperInvariant()}",
                $"a.attstorage = '{Storages.First(each => each.Value == storage).Key}'",
                $"a.attstorage = '{column.Storage}'",
                Locks.AccessExclusive,
                cancel
            );

    private Task<Alteration?> CompressionAsync(CancellationToken cancel) =>
        change.Compression is not { } compression
            ? Nothing
            : SettingAsync(
                "compression",
                $"SET COMPRESSION {Word(compression)}",
                $"SET COMPRESSION {Word(Compressions[column.Compression])}",
                $"a.attcompression = '{Compressions.First(each => each.Value == compression).Key}'",
                $"a.attcompression = '{column.Compression}'",
                Locks.AccessExclusive,
                cancel
            );

    private static string Word(ColumnCompression compression) => compression.ToString().ToLowerInvariant();

    private static readonly IReadOnlyDictionary<char, ColumnStorage> Storages = new Dictionary<char, ColumnStorage>
    {
        ['p'] = ColumnStorage.Plain,
        ['e'] = ColumnStorage.External,
        ['x'] = ColumnStorage.Extended,
        ['m'] = ColumnStorage.Main,
    };

    private static readonly IReadOnlyDictionary<string, ColumnCompression> Compressions = new Dictionary<
        string,
        ColumnCompression
    >
    {
        [""] = ColumnCompression.Default,
        ["p"] = ColumnCompression.Pglz,
        ["l"] = ColumnCompression.Lz4,
    };

    private static Task<Alteration?> Nothing { get; } = Task.FromResult<Alteration?>(null);

    private async Task<Alteration?> SettingAsync(
        string key,
        string set,
        string undo,
        string isDone,
        string isUndone,
        string mode,
        CancellationToken cancel
    )
    {
        bool goes = await copy.TryAsync(
            key,
            "Leave it out, or give a value that the column's type allows.",
            () => connection.ExecuteAsync($"ALTER TABLE {copy.Sql} ALTER COLUMN {Name} {set}", cancel),
            cancel
        );
        return !goes || isDone == isUndone
            ? null
            : new Alteration
            {
                Stage = StageName.Expand,
                Title = $"set the {key} of {column.Name}",
                Statement = $"{Alter} {set}",
                IsDone = Is(isDone),
                Undo = $"{Alter} {undo}",
                IsUndone = Is(isUndone),
                Mode = mode,
            };
    }

    private async Task<Alteration?> TypeAsync(CancellationToken cancel)
    {
        if (
            (change.Type is null && change.Collation is null)
            || (change.Type is { } text && !copy.IsExpression("type", text))
        )
        {
            return null;
        }

        string? collation = change.Collation is { } other ? TypeNames.Collation(other) : column.Collation;
        string set = $"TYPE {change.Type ?? column.Type}{(collation is null ? "" : $" COLLATE {collation}")}";
        string kept = "";
        (string? printed, string? collated) = (null, null);
        bool isAnother = false;
        string? cost = null;
        bool goes = await copy.TryAsync(
            change.Type is null ? "collation" : "type",
            "Use a type that the column's values can be converted to.",
            async () =>
            {
                if (change.Type is { } type && await TypeNames.FindAsync(connection, type, cancel) is null)
                {
                    throw new ProbeException($"type \"{type}\" does not exist.", "Use a type that the database has.");
                }

                IReadOnlyList<string> checks = WithoutChecks
                    ? await connection.QueryAsync(ChecksQuery, row => row.GetString(0), cancel, copy.Sql, column.Name)
                    : [];
                foreach (string check in checks)
                {
                    await connection.ExecuteAsync($"ALTER TABLE {copy.Sql} DROP CONSTRAINT {Sql.Name(check)}", cancel);
                }

                try
                {
                    cost = await new StatementCost(connection, copy.Sql).OfAsync(
                        $"ALTER TABLE {copy.Sql} ALTER COLUMN {Name} {set}",
                        cancel
                    );
                }
                catch (PostgresException error)
                    when (error.SqlState == PostgresErrorCodes.FeatureNotSupported
                        || error.MessageText.Contains("generated column", StringComparison.Ordinal)
                    )
                {
                    throw new ProbeException(
                        Errors.Describe(error),
                        "Drop that first, and create it again afterwards."
                    );
                }

                kept = Kept((await ExistingColumn.FindAsync(connection, copy.Sql, column.Name, cancel))!);
                (printed, collated, isAnother, bool isAlike) = (
                    await connection.QueryAsync(
                        TypeQuery,
                        row => (row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3)),
                        cancel,
                        copy.Sql,
                        column.Name,
                        table.Sql
                    )
                )[0];
                cost ??= checks.Count > 0 && !isAlike ? StatementCost.Reads : null;
            },
            cancel
        );
        string clauses = $"ALTER COLUMN {Name} {set}{kept}";
        _retyping = goes && cost is null ? clauses : null;
        Unsafe = cost is null
            ? null
            : new Problem(
                change.Title,
                $"for `{set}` the server would {cost} while nobody can use the table.",
                "Add another column with `derive:`, switch the app to it, and drop this one later by a change of kind "
                    + "`sql`."
            );
        string isDone = Is(
            $"{Printing.InPlan("format_type(a.atttypid, a.atttypmod)")} = {Sql.Literal(printed ?? "")} AND "
                + "(SELECT c.collname::text FROM pg_catalog.pg_collation c WHERE c.oid = a.attcollation) IS NOT "
                + $"DISTINCT FROM {Text(collated is { Length: > 0 } ? collated : null)}"
        );
        return
            !goes
            || await connection.AsideAsync(
                async () =>
                {
                    await Printing.BeginAsync(connection, cancel);
                    return await connection.ScalarAsync<bool>($"SELECT {isDone}", cancel);
                },
                cancel
            )
            ? null
            : new Alteration
            {
                Stage = StageName.Contract,
                Title = change.Type is null
                    ? $"change the collation of {column.Name} to {change.Collation}"
                    : $"change the type of {column.Name} to {printed}",
                Statement = $"ALTER TABLE {table.Sql} {clauses}",
                Retypes = new Retyping(change.Title, column.Name, clauses, change.EndSessionsOf),
                IsDone = isDone,
                Obstacle = await NewBuildsAsync(cancel),
                WaitsFor = new GateCondition(GateEvidence.PreparedAgain, [Of]) { Detail = Reprepared(isAnother) },
            };
    }

    private const string StaleSessions =
        "at least once in each session, and with a driver that prepares automatically (Npgsql with Max "
        + "Auto Prepare) possibly until the session is closed; be ready to restart those apps, or name "
        + "them in `end_sessions_of`";

    /// <summary>A new type has its own default storage and compression.</summary>
    private string Kept(ExistingColumn after)
    {
        ColumnStorage storage = change.Storage ?? Storages[column.Storage];
        ColumnCompression compression = change.Compression ?? Compressions[column.Compression];
        string stored =
            Storages[after.Storage] == storage
                ? ""
                : $", ALTER COLUMN {Name} SET STORAGE {storage.ToString().ToUpperInvariant()}";
        return stored
            + (
                Compressions[after.Compression] == compression
                    ? ""
                    : $", ALTER COLUMN {Name} SET COMPRESSION {Word(compression)}"
            );
    }

    /// <summary>
    /// An index, foreign key or CHECK that was created later was not there when the server was asked: it would be built
    /// or checked again under the lock.
    /// </summary>
    private async Task<Obstacle> NewBuildsAsync(CancellationToken cancel)
    {
        IReadOnlyList<string> known = await connection.QueryAsync(
            $"SELECT name {Builds}",
            row => row.GetString(0),
            cancel
        );
        string others =
            known.Count == 0
                ? ""
                : $" WHERE name NOT IN ({string.Join(", ", known.Order(StringComparer.Ordinal).Select(Sql.Literal))})";
        return new Obstacle(
            $"SELECT EXISTS (SELECT {Builds}{others})",
            $"{(WithoutChecks ? "an index or foreign key" : "an index, foreign key or CHECK")} that was "
                + $"created after the plan was made reads {Of}, and the server might rebuild or recheck it "
                + $"while nobody can use {table.Name}. Roll back and plan again; or drop it"
        );
    }

    /// <summary>Indexes, foreign keys and CHECKs that read the column, of the table and of its partitions.</summary>
    private string Builds =>
        $"""
            FROM (SELECT coalesce(i.relname, k.conname)::text AS name FROM pg_catalog.pg_attribute a
                  JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass
                      AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
                  LEFT JOIN pg_catalog.pg_class i ON d.classid = 'pg_catalog.pg_class'::regclass AND i.oid = d.objid
                      AND i.relkind IN ('i', 'I') AND NOT i.relispartition
                  LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::regclass
                      AND k.oid = d.objid AND k.contype IN ({(WithoutChecks ? "" : "'c', ")}'p', 'u', 'x', 'f')
                          AND k.coninhcount = 0
                  WHERE a.attrelid IN (SELECT to_regclass({Sql.Literal(table.Sql)}) UNION SELECT relid
                      FROM pg_catalog.pg_partition_tree(to_regclass({Sql.Literal(table.Sql)})))
                    AND a.attname = {Sql.Literal(column.Name)} AND coalesce(i.relname, k.conname) IS NOT NULL) AS reads
            """;

    private const string ChecksQuery =
        "SELECT k.conname::text FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND "
        + "a.attnum = ANY (k.conkey) WHERE k.conrelid = $1::regclass AND k.contype = 'c' AND a.attname = $2";

    private static readonly string TypeQuery = $"""
        SELECT {Printing.Of("format_type(a.atttypid, a.atttypmod)")}, coalesce((SELECT c.collname::text
            FROM pg_collation c WHERE c.oid = a.attcollation), ''),
            a.atttypid <> was.atttypid,
          a.attcollation = was.attcollation AND (a.atttypid = was.atttypid
              OR (was.atttypid IN ('varchar'::regtype, 'text'::regtype)
              AND a.atttypid IN ('varchar'::regtype, 'text'::regtype)))
        FROM pg_attribute a JOIN pg_attribute was ON was.attrelid = $3::regclass AND was.attname = a.attname
            WHERE a.attrelid = $1::regclass AND a.attname = $2
        """;

    private string Is(string condition) => Conditions.ColumnIs(table.Sql, column.Name, condition);
}
