using Npgsql;
using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>Asks the server to change a column's type or collation.</summary>
/// <param name="withoutChecks">CHECKs that read the column are recreated without a check of the rows under the lock, so
/// the server is asked without them. Only if they mean the same afterwards, because operators and functions of the two
/// types are the same: otherwise rows that they allowed would be rejected when there is no way back.</param>
internal sealed class RetypingProbe(AlteredColumn at, bool withoutChecks)
{
    /// <summary>The actions of ALTER TABLE that change its type; null if it keeps its type.</summary>
    public string? Clauses { get; private set; }

    /// <summary>Why the new type or collation is not supported; null if it is.</summary>
    public Problem? Unsafe { get; private set; }

    public async Task<Alteration?> AskAsync(CancellationToken cancel)
    {
        if (
            (at.Change.Type is null && at.Change.Collation is null)
            || (at.Change.Type is { } text && !at.Copy.IsExpression("type", text))
        )
        {
            return null;
        }

        string? collation = at.Change.Collation is { } other ? TypeNames.Collation(other) : at.Column.Collation;
        string set = $"TYPE {at.Change.Type ?? at.Column.Type}{(collation is null ? "" : $" COLLATE {collation}")}";
        if (await TryAsync(set, cancel) is not { } answer)
        {
            return null;
        }

        string clauses = $"ALTER COLUMN {at.Sql} {set}{answer.Kept}";
        Clauses = answer.Cost is null ? clauses : null;
        Unsafe = answer.Cost is null
            ? null
            : new Problem(
                at.Change.Title,
                $"for `{set}` the server would {answer.Cost} while nobody can use the table.",
                "Add another column with `derive:`, switch the app to it, and drop this one later by a change of kind "
                    + "`sql`."
            );
        string isDone = HasType(answer);
        return await IsDoneAsync(isDone, cancel)
            ? null
            : new Alteration
            {
                Stage = StageName.Contract,
                Title = at.Change.Type is null
                    ? $"change the collation of {at.Column.Name} to {at.Change.Collation}"
                    : $"change the type of {at.Column.Name} to {answer.Printed}",
                Statement = $"ALTER TABLE {at.Table.Sql} {clauses}",
                Retypes = new Retyping(at.Change.Title, at.Column.Name, clauses, at.Change.EndSessionsOf),
                IsDone = isDone,
                Obstacle = await NewBuildsAsync(cancel),
                WaitsFor = new GateCondition(GateEvidence.PreparedAgain, [at.Name])
                {
                    Detail = Reprepared(answer.IsAnother),
                },
            };
    }

    /// <summary>Null if the server rejects it; the copy then reports why.</summary>
    private async Task<Answer?> TryAsync(string set, CancellationToken cancel)
    {
        Answer? answer = null;
        await at.Copy.TryAsync(
            at.Change.Type is null ? "collation" : "type",
            "Use a type that the column's values can be converted to.",
            async () =>
            {
                if (at.Change.Type is { } type && await TypeNames.FindAsync(at.Connection, type, cancel) is null)
                {
                    throw new ProbeException($"type \"{type}\" does not exist.", "Use a type that the database has.");
                }

                bool hasChecks = await DropChecksAsync(cancel);
                string? cost = await CostAsync(set, cancel);
                string kept = Kept(
                    (await ExistingColumn.FindAsync(at.Connection, at.Copy.Sql, at.Column.Name, cancel))!
                );
                (answer, bool isAlike) = (
                    await at.Connection.QueryAsync(
                        TypeQuery,
                        row =>
                            (
                                new Answer(row.GetString(0), row.GetString(1), row.GetBoolean(2), kept),
                                row.GetBoolean(3)
                            ),
                        cancel,
                        at.Copy.Sql,
                        at.Column.Name,
                        at.Table.Sql
                    )
                )[0];
                answer = answer with { Cost = cost ?? (hasChecks && !isAlike ? StatementCost.Reads : null) };
            },
            cancel
        );
        return answer;
    }

    /// <summary>Drops the copy's CHECKs that read the column, if the server is asked without them.</summary>
    private async Task<bool> DropChecksAsync(CancellationToken cancel)
    {
        IReadOnlyList<string> checks = withoutChecks
            ? await at.Connection.QueryAsync(ChecksQuery, row => row.GetString(0), cancel, at.Copy.Sql, at.Column.Name)
            : [];
        foreach (string check in checks)
        {
            await at.Connection.ExecuteAsync($"ALTER TABLE {at.Copy.Sql} DROP CONSTRAINT {Sql.Name(check)}", cancel);
        }

        return checks.Count > 0;
    }

    private async Task<string?> CostAsync(string set, CancellationToken cancel)
    {
        try
        {
            return await new StatementCost(at.Connection, at.Copy.Sql).OfAsync(
                $"ALTER TABLE {at.Copy.Sql} ALTER COLUMN {at.Sql} {set}",
                cancel
            );
        }
        catch (PostgresException error)
            when (error.SqlState == PostgresErrorCodes.FeatureNotSupported
                || error.MessageText.Contains("generated column", StringComparison.Ordinal)
            )
        {
            throw new ProbeException(Errors.Describe(error), "Drop that first, and create it again afterwards.");
        }
    }

    private string HasType(Answer answer) =>
        at.Is(
            $"{Printing.InPlan("format_type(a.atttypid, a.atttypmod)")} = {Sql.Literal(answer.Printed)} AND "
                + "(SELECT c.collname::text FROM pg_catalog.pg_collation c WHERE c.oid = a.attcollation) IS NOT "
                + $"DISTINCT FROM {(answer.Collation.Length > 0 ? Sql.Literal(answer.Collation) : "NULL")}"
        );

    private Task<bool> IsDoneAsync(string isDone, CancellationToken cancel) =>
        at.Connection.AsideAsync(
            async () =>
            {
                await Printing.BeginAsync(at.Connection, cancel);
                return await at.Connection.ScalarAsync<bool>($"SELECT {isDone}", cancel);
            },
            cancel
        );

    /// <summary>What fails in sessions that know the old type.</summary>
    /// <param name="isAnother">The type is another one, not only a longer one.</param>
    private string Reprepared(bool isAnother)
    {
        string sessions =
            at.Change.EndSessionsOf.Count > 0
                ? $"except in idle sessions of {string.Join(", ", at.Change.EndSessionsOf)}, which are ended"
                : StaleSessions;
        string functions = isAnother
            ? $"; sessions that ran PL/pgSQL functions over rows of {at.Table.Name} to reconnect: in sessions that "
                + "were open such a function fails from then on (type of parameter does not match)"
            : "";
        return $"each such statement fails (cached plan must not change result type), {sessions}{functions}";
    }

    private const string StaleSessions =
        "at least once in each session, and with a driver that prepares automatically (Npgsql with Max "
        + "Auto Prepare) possibly until the session is closed; be ready to restart those apps, or name "
        + "them in `end_sessions_of`";

    /// <summary>A new type has its own default storage and compression.</summary>
    private string Kept(ExistingColumn after)
    {
        ColumnStorage storage = at.Change.Storage ?? StorageNames.Storages[at.Column.Storage];
        ColumnCompression compression = at.Change.Compression ?? StorageNames.Compressions[at.Column.Compression];
        string stored =
            StorageNames.Storages[after.Storage] == storage
                ? ""
                : $", ALTER COLUMN {at.Sql} SET STORAGE {StorageNames.Word(storage)}";
        return stored
            + (
                StorageNames.Compressions[after.Compression] == compression
                    ? ""
                    : $", ALTER COLUMN {at.Sql} SET COMPRESSION {StorageNames.Word(compression)}"
            );
    }

    /// <summary>
    /// An index, foreign key or CHECK that was created later was not there when the server was asked: it would be built
    /// or checked again under the lock.
    /// </summary>
    private async Task<Obstacle> NewBuildsAsync(CancellationToken cancel)
    {
        IReadOnlyList<string> known = await at.Connection.QueryAsync(
            $"SELECT name {Builds()}",
            row => row.GetString(0),
            cancel
        );
        string others =
            known.Count == 0
                ? ""
                : $" WHERE name NOT IN ({string.Join(", ", known.Order(StringComparer.Ordinal).Select(Sql.Literal))})";
        return new Obstacle(
            $"SELECT EXISTS (SELECT {Builds()}{others})",
            $"{(withoutChecks ? "an index or foreign key" : "an index, foreign key or CHECK")} that was "
                + $"created after the plan was made reads {at.Name}, and the server might rebuild or recheck it "
                + $"while nobody can use {at.Table.Name}. Roll back and plan again; or drop it"
        );
    }

    /// <summary>Indexes, foreign keys and CHECKs that read the column, of the table and of its partitions.</summary>
    private string Builds()
    {
        string table = Sql.Literal(at.Table.Sql);
        string column = Sql.Literal(at.Column.Name);
        string kinds = withoutChecks ? "'p', 'u', 'x', 'f'" : "'c', 'p', 'u', 'x', 'f'";
        return $"""
            FROM (SELECT coalesce(i.relname, k.conname)::text AS name FROM pg_catalog.pg_attribute a
                  JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass
                      AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
                  LEFT JOIN pg_catalog.pg_class i ON d.classid = 'pg_catalog.pg_class'::regclass AND i.oid = d.objid
                      AND i.relkind IN ('i', 'I') AND NOT i.relispartition
                  LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::regclass
                      AND k.oid = d.objid AND k.contype IN ({kinds})
                          AND k.coninhcount = 0
                  WHERE a.attrelid IN (SELECT to_regclass({table}) UNION SELECT relid
                      FROM pg_catalog.pg_partition_tree(to_regclass({table})))
                    AND a.attname = {column} AND coalesce(i.relname, k.conname) IS NOT NULL) AS reads
            """;
    }

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

    /// <summary>The column on the copy afterwards.</summary>
    /// <param name="Printed">Its type.</param>
    /// <param name="Collation">Empty if it has none.</param>
    /// <param name="IsAnother">The type is another one, not only a longer one.</param>
    /// <param name="Kept">Further actions that keep its storage and compression.</param>
    private sealed record Answer(string Printed, string Collation, bool IsAnother, string Kept)
    {
        /// <summary>What the server would do with the rows; null if nothing.</summary>
        public string? Cost { get; init; }
    }
}
