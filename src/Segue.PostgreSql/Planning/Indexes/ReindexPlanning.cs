using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Indexes;

/// <summary>
/// The road of <c>reindex</c>: each physical index concurrently, without leftovers of an interrupted build.
/// </summary>
internal sealed class ReindexPlanning(Draft draft)
{
    public async Task<IReadOnlyList<StagedStep>> PlanAsync(Reindex operation)
    {
        if (await TableAsync(operation) is not { } table)
        {
            return [];
        }

        IReadOnlyList<Physical> indexes = await draft.Connection.QueryAsync(
            PhysicalQuery,
            row => new Physical(row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3)),
            draft.Cancel,
            (long)table.Oid,
            operation.Index is { } one ? Quoted(one) : null
        );
        if (indexes.Count == 0)
        {
            draft.Invalid.Add(
                new Problem(operation.Title, $"{table.Schema}.{table.Name} has no index.", "Name another table.")
            );
        }

        draft.Refused.AddRange(
            indexes
                .Where(index => index.Excludes)
                .Select(index => new Problem(
                    operation.Title,
                    $"{index.Schema}.{index.Name} serves an exclusion constraint, which the server "
                        + "rebuilds only while nobody can write.",
                    "Drop the constraint and add it again in a maintenance window."
                ))
        );
        foreach (Physical index in indexes)
        {
            _ = draft.Claim(ClaimKind.Index, $"{index.Schema}.{index.Name}", operation);
            await RefuseTakenAsync(operation, index);
        }

        await TryExpressionsAsync(table, operation);
        return draft.HasProblems
            ? []
            :
            [
                .. indexes
                    .SelectMany(index => Rebuild(table, index))
                    .Select(step => new StagedStep(StageName.Enforce, step)),
            ];
    }

    /// <summary>The names that the rebuild gives its indexes must be free.</summary>
    private async Task RefuseTakenAsync(Reindex operation, Physical index) =>
        draft.Refused.AddRange(
            (
                await draft.Connection.QueryAsync(
                    "SELECT relation FROM unnest($1) AS relation WHERE to_regclass(relation) IS NOT NULL",
                    row => row.GetString(0),
                    draft.Cancel,
                    (object)new[] { index.New, index.Old }
                )
            ).Select(left => new Problem(
                operation.Title,
                $"{left} exists already: an earlier REINDEX CONCURRENTLY left it, or an index has "
                    + "the name that this one needs.",
                $"`DROP INDEX CONCURRENTLY {left}` if it is not valid; rename it otherwise."
            ))
        );

    /// <summary>An index that an older server built may have an expression that this server cannot compute.</summary>
    private async Task TryExpressionsAsync(Table table, Reindex operation)
    {
        IReadOnlyList<string> definitions = await draft.Connection.AsideAsync(
            () =>
                draft.Connection.QueryAsync(
                    ExpressionsQuery,
                    row => row.GetString(0),
                    draft.Cancel,
                    (long)table.Oid,
                    operation.Index is { } one ? Quoted(one) : null
                ),
            draft.Cancel
        );
        if (definitions.Count == 0)
        {
            return;
        }

        TableCopy copy = await draft.CopyAsync(table, operation.Title);
        foreach (string definition in definitions)
        {
            await new IndexTrial(draft.Connection, table, copy).TryAsync(
                "index",
                $"CREATE INDEX {PlannedIndex.ProbeName} ON {copy.Sql} {definition}",
                draft.Server,
                draft.Cancel
            );
        }

        await copy.DropAsync(draft.Cancel);
        draft.Refused.AddRange(copy.Problems);
    }

    /// <summary>$1 the table, $2 one of its indexes or NULL for all.</summary>
    private static readonly string ExpressionsQuery = $"""
        SELECT regexp_replace({Printing.Of("pg_get_indexdef(i.indexrelid)")}, '^.*? USING ', 'USING ') FROM pg_index i
        WHERE i.indrelid = $1::oid AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL) AND NOT i.indisexclusion
            AND i.indexrelid = coalesce(to_regclass($2), i.indexrelid::regclass)
        """;

    private async Task<Table?> TableAsync(Reindex operation)
    {
        if (operation.Table is { } name)
        {
            return await draft.OwnedAsync(name, operation.Title, alsoMatview: true);
        }

        if (await ExistingIndex.FindAsync(draft.Connection, operation.Index!, draft.Cancel) is { } index)
        {
            return await draft.OwnedAsync(index.Table, operation.Title, alsoMatview: true);
        }

        draft.Invalid.Add(
            new Problem(
                $"{operation.Title}: index",
                $"there is no index {operation.Index}.",
                "Check the name and the database."
            )
        );
        return null;
    }

    private static IEnumerable<Step> Rebuild(Table table, Physical index)
    {
        Steps steps = new(table);
        string id = $"enforce/reindex-{index.Schema}.{index.Name}";
        Impact impact = new() { Locks = [Locks.On(index.Relation, Locks.ShareUpdateExclusive)], Cost = Cost.Build };
        OnlineStep Clear(string stepId, string left) =>
            new()
            {
                Id = steps.IdOf(stepId),
                Title = $"drop {left}, if an interrupted rebuild left it",
                Statement = $"DROP INDEX CONCURRENTLY IF EXISTS {left}",
                Applied = Conditions.Query(Conditions.Not(Conditions.IsInvalidIndex(left))),
                Impact = impact with { Cost = Cost.Metadata },
                Estimate = Estimates.Metadata(table),
            };

        // After the swap the old index has a temporary name, until it is dropped.
        yield return Clear($"{id}-old", index.Old) with
        {
            Undo = [Clear($"{id}-old/undo", index.Old)],
        };
        yield return new OnlineStep
        {
            Id = steps.IdOf(id),
            Title = $"rebuild index {index.Name} concurrently",
            Statement = $"REINDEX INDEX CONCURRENTLY {index.Sql}",
            Residue = new Residue(
                Conditions.Query(Conditions.IsInvalidIndex(index.New)),
                $"DROP INDEX CONCURRENTLY {index.New}"
            ),
            Progress = $"""
                SELECT phase::text, greatest(blocks_done, tuples_done)::bigint AS done,
                    greatest(blocks_total, tuples_total)::bigint AS total, current_locker_pid
                FROM pg_catalog.pg_stat_progress_create_index WHERE relid = to_regclass({Sql.Literal(index.Relation)})
                """,
            Impact = impact,
            Estimate = Estimates.Build(table),
            Undo = [Clear($"{id}/undo", index.New)],
        };
    }

    private static string Quoted(TableName name) =>
        name.Schema is null ? Sql.Name(name.Name) : Sql.Name(name.Schema, name.Name);

    /// <summary>$1 the table, $2 one of its indexes or null: those that have a file, partitions' included.</summary>
    private static readonly string PhysicalQuery = $"""
        SELECT n.nspname::text, c.relname::text,
            {Sql.Qualified("tn.nspname", "t.relname")}, i.indisexclusion
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid AND c.relkind = 'i'
            JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
        WHERE i.indrelid IN {Sql.Tree("$1::oid")}
          AND ($2::text IS NULL OR c.oid IN (SELECT to_regclass($2)::oid UNION SELECT relid
              FROM pg_partition_tree(to_regclass($2))))
        ORDER BY t.oid, c.oid
        """;

    /// <param name="Relation">The table with the rows, qualified and quoted.</param>
    /// <param name="Excludes">It serves an exclusion constraint.</param>
    private sealed record Physical(string Schema, string Name, string Relation, bool Excludes)
    {
        public string Sql => PostgreSql.Connections.Sql.Name(Schema, Name);

        /// <summary>
        /// The server's name for the copy while it is built, and for the old index afterwards
        /// (<c>ReindexRelationConcurrently</c>).
        /// </summary>
        public string New => Labelled("ccnew");

        public string Old => Labelled("ccold");

        private string Labelled(string label) =>
            PostgreSql.Connections.Sql.Name(
                Schema,
                PostgreSql.Connections.Sql.Clip(Name, PostgreSql.Connections.Sql.LongestName - label.Length - 1)
                    + $"_{label}"
            );
    }
}
