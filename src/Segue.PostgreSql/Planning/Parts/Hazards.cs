using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Stars;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>Effects that no tool can prevent, and findings on this target.</summary>
internal static class Hazards
{
    public static async Task<IReadOnlyList<Hazard>> OfAsync(
        NpgsqlConnection connection,
        HazardFacts facts,
        IReadOnlyList<NewColumn> columns,
        CancellationToken cancel
    )
    {
        Table table = facts.Table;
        bool adds = columns.Any(column => !column.IsThere);
        return
        [
            .. adds
                ?
                [
                    new Hazard(
                        "star-statements",
                        await StarStatementsAsync(connection, table, facts.Server.Role, cancel)
                    ),
                ]
                : Array.Empty<Hazard>(),
            .. columns.Any(column => column.Fill is not null) ? await OfFillAsync(connection, facts, cancel) : [],
            .. OfConstraints(columns),
            .. OfExpressions(facts, columns),
            .. OfPublications(facts, columns),
            .. adds ? await OfFunctionsAsync(connection, table, cancel) : [],
        ];
    }

    private static async Task<IReadOnlyList<Hazard>> OfFillAsync(
        NpgsqlConnection connection,
        HazardFacts facts,
        CancellationToken cancel
    )
    {
        Table table = facts.Table;
        List<Hazard> hazards = [];
        string[] fired =
        [
            .. table.Triggers.Where(trigger => trigger.IsRow && trigger.OnUpdate).Select(trigger => trigger.Name),
        ];
        if (fired.Length > 0)
        {
            hazards.Add(
                new Hazard(
                    "user-triggers-fire",
                    $"The backfill updates rows, so these triggers of {table.Name} fire for each "
                        + $"filled row: {string.Join(", ", fired)}. Check that this is harmless, e.g. "
                        + "that no mail is sent and no updated_at matters."
                )
            );
        }

        IReadOnlyList<string> unproven = await UnprovenChecksAsync(connection, table, cancel);
        if (unproven.Count > 0)
        {
            hazards.Add(
                new Hazard(
                    "unproven-checks",
                    $"These CHECKs of {table.Name} were never proven (NOT VALID): "
                        + $"{string.Join(", ", unproven)}. A row that violates one cannot be written, so "
                        + "it cannot be filled either. `VALIDATE CONSTRAINT` them first, and correct the "
                        + "rows that it reports."
                )
            );
        }

        if (facts.FillsInBatches)
        {
            hazards.Add(
                new Hazard(
                    "bloat",
                    $"Filling grows {table.Name} ({Plain.Bytes(table.TotalSize.Bytes)}) by about a "
                        + "fifth and leaves dead row versions, which the next autovacuum clears. If "
                        + $"autovacuum is off for the table, or runs rarely, `VACUUM {table.Sql}` "
                        + "afterwards."
                )
            );
        }

        return [.. hazards, .. OfBatches(table)];
    }

    /// <summary>Effects of the batches on running apps.</summary>
    private static IReadOnlyList<Hazard> OfBatches(Table table)
    {
        List<Hazard> hazards = [];
        hazards.Add(
            Hazard.Notice(
                "nowait-apps",
                "A batch locks its rows for some tens of milliseconds. Meanwhile SELECT ... FOR "
                    + "UPDATE NOWAIT of such a row fails and SKIP LOCKED skips it, as with any other "
                    + $"writer of {table.Name}."
            )
        );
        hazards.Add(
            Hazard.Notice(
                "serializable-apps",
                "An app transaction in REPEATABLE READ or SERIALIZABLE that updates a row of "
                    + $"{table.Name} which was filled after its snapshot gets 40001, as with any "
                    + "concurrent update. It must retry, as it must today."
            )
        );
        return hazards;
    }

    private static IReadOnlyList<Hazard> OfConstraints(IReadOnlyList<NewColumn> columns)
    {
        List<Hazard> hazards = [];
        NewColumn[] enforced =
        [
            .. columns.Where(column => column.Fill is not null && !column.HasDefault && IsConstrained(column)),
        ];
        if (enforced.Length > 0)
        {
            hazards.Add(
                Hazard.Danger(
                    "enforced-before-switch",
                    $"The constraints of {string.Join(", ", enforced.Select(column => column.Name))} "
                        + "hold from the enforce stage on, while old code still runs. From then on the "
                        + "server rejects a row of old code for which the expression gives NULL, fails, or "
                        + "violates a constraint. Write an expression that covers every row old code may "
                        + "write, e.g. with coalesce."
                )
            );
        }

        hazards.AddRange(
            columns
                .Where(column => column.Index is not null)
                .SelectMany(column => IndexRows.Hazards(column.IndexName, column.Index!))
        );
        return hazards;
    }

    private static IReadOnlyList<Hazard> OfExpressions(HazardFacts facts, IReadOnlyList<NewColumn> columns)
    {
        Table table = facts.Table;
        List<Hazard> hazards = [];
        foreach (NewColumn column in columns.Where(column => column.IsDerived && column.Fill!.Reads.Count > 0))
        {
            hazards.Add(
                new Hazard(
                    "derive-reads-others",
                    $"{column.Name} is derived from other rows or tables as well "
                        + $"({string.Join(", ", column.Fill!.Reads)}). It follows changes of its own row, not "
                        + "of those. Apply changes made there before the gate is passed manually."
                )
            );
        }

        hazards.AddRange(
            columns
                .Where(column => column.Fill?.ReadsOfSession.Count > 0)
                .Select(column => new Hazard(
                    "reads-session",
                    $"The expression of {column.Name} reads settings of its session "
                        + $"({string.Join(", ", column.Fill!.ReadsOfSession)}). Rows that an app writes get "
                        + "the value of the app's session; filled rows, and every comparison, get the value "
                        + "of Segue's session. Segue cannot set what only the app knows, such as app.tenant."
                ))
        );
        if (new SourceChanges(table, columns.Where(column => column.IsDerived), facts.Server.Major).ReadAll)
        {
            IEnumerable<string> derived = columns.Where(column => column.IsDerived).Select(column => column.Name);
            hazards.Add(
                Hazard.Notice(
                    "updates-read-toast",
                    $"{table.Name} has BEFORE UPDATE triggers of its own. Until the gate is passed, "
                        + $"every update of it compares the sources of {string.Join(", ", derived)}, "
                        + "also large ones that it does not write: it reads them from TOAST twice. PostgreSQL 17 "
                        + "and newer avoid that."
                )
            );
        }

        return hazards;
    }

    private static IReadOnlyList<Hazard> OfPublications(HazardFacts facts, IReadOnlyList<NewColumn> columns)
    {
        Table table = facts.Table;
        bool adds = columns.Any(column => !column.IsThere);
        List<Hazard> hazards = [];
        if (table.Publications.Count > 0 && columns.Count > 0)
        {
            string added = adds
                ? " A subscriber without the new column stops replicating: add the column there first."
                : "";
            string filled = facts.FillsInBatches ? " Every filled row is replicated." : "";
            hazards.Add(
                new Hazard(
                    "published",
                    $"{table.Name} is published ({string.Join(", ", table.Publications)}).{added}{filled}"
                )
            );
        }

        return hazards;
    }

    private static async Task<IReadOnlyList<Hazard>> OfFunctionsAsync(
        NpgsqlConnection connection,
        Table table,
        CancellationToken cancel
    )
    {
        List<Hazard> hazards = [];
        IReadOnlyList<string> functions = await connection.QueryAsync(
            "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_class c ON c.reltype = p.prorettype "
                + "WHERE c.oid = $1::oid LIMIT 10",
            row => row.GetString(0),
            cancel,
            (long)table.Oid
        );
        if (functions.Count > 0)
        {
            hazards.Add(
                new Hazard(
                    "functions-returning-row",
                    $"These functions return a row of {table.Name} and gain a column: "
                        + $"{string.Join(", ", functions)}. A function that lists its columns must be "
                        + "recreated with the new one."
                )
            );
        }

        return hazards;
    }

    private static Task<IReadOnlyList<string>> UnprovenChecksAsync(
        NpgsqlConnection connection,
        Table table,
        CancellationToken cancel
    ) =>
        connection.QueryAsync(
            $"""
            SELECT DISTINCT conname::text FROM pg_constraint WHERE contype IN ('c', 'n') AND NOT convalidated
                AND conrelid IN {Sql.Tree("$1::oid")} ORDER BY 1
            """,
            row => row.GetString(0),
            cancel,
            (long)table.Oid
        );

    private static bool IsConstrained(NewColumn column) =>
        column.Change is { Nullable: false } or { Check: not null } or { References: not null } or { Unique: true };

    public static HashSet<NamedRelation> NamesOf(Table table) =>
        [
            new(table.Schema, table.Name),
            new(null, table.Name),
            .. table.Partitions.SelectMany(partition =>
                new NamedRelation[] { new(partition.Schema, partition.Name), new(null, partition.Name) }
            ),
        ];

    private static async Task<string> StarStatementsAsync(
        NpgsqlConnection connection,
        Table table,
        string role,
        CancellationToken cancel
    )
    {
        const string General =
            "Statements whose shape is * break on any new column: a prepared SELECT * or RETURNING *, COPY "
            + "or INSERT ... SELECT * without a column list.";
        StarStatements statements = await StarStatements.FindAsync(connection, role, cancel);
        IReadOnlyList<string> found = statements.Of(NamesOf(table));
        string what =
            found.Count > 0
                ? $" Found in pg_stat_statements: {string.Join(" | ", found)}. "
                    + $"{StarStatements.Roads(table.Schema, table.Name, table.Columns)}"
            : statements.Unseen is null ? " None was found in pg_stat_statements."
            : " Make them name their columns or read a view of the table, or let the app's pool "
                + "reconnect after expand.";
        return $"{General}{what}{(statements.Unseen is { } unseen ? $" {unseen}" : "")}";
    }
}

internal sealed record HazardFacts(Table Table, ServerFacts Server, bool FillsInBatches);
