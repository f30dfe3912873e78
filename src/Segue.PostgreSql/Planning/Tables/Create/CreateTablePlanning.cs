using Npgsql;
using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Lexing;
using Segue.PostgreSql.Planning.Columns;
using Segue.PostgreSql.Planning.Constraints;
using Segue.PostgreSql.Planning.Indexes;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Create;

/// <summary>
/// The road of <c>create_table</c>: the table in one transaction, then each foreign key separately, so that parents are
/// locked one by one.
/// </summary>
internal sealed class CreateTablePlanning(Draft draft)
{
    public async Task<IReadOnlyList<StagedStep>> PlanAsync(CreateTable operation)
    {
        string? schema = operation.Table.Schema ?? (draft.Server.SearchPath is [var first, ..] ? first : null);
        if (schema is null)
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: table",
                    "the search path names no schema to create it in.",
                    "Name one: `schema.table`."
                )
            );
            return [];
        }

        TableText text = new(operation, schema);
        await JudgeAsync(operation, text, schema);

        // The table exists for the rest of the planning: later operations of the change may refer to it.
        if (
            draft.HasProblems
            || !await MakeAsync(operation, text)
            || await draft.FindAsync(new TableName(schema, operation.Table.Name), operation.Title) is not { } table
        )
        {
            return [];
        }

        draft.Drift.Expect((await TableFacts.OfAsync(draft.Connection, table, draft.Cancel)).FingerprintLines);
        IReadOnlyList<Step> foreignKeys = await ForeignKeysAsync(operation, table);
        return draft.HasProblems
            ? []
            :
            [
                new StagedStep(StageName.Expand, await CreateAsync(text, table)),
                .. foreignKeys.Select(step => new StagedStep(StageName.Enforce, step)),
            ];
    }

    private async Task JudgeAsync(CreateTable operation, TableText text, string schema)
    {
        await JudgeNamesAsync(operation, schema);
        JudgeExpressions(operation, text);
        await JudgeTypesAsync(operation);
        JudgeOptions(operation);
    }

    private async Task JudgeNamesAsync(CreateTable operation, string schema)
    {
        IEnumerable<TableName> names = operation
            .Partitions.Select(partition => partition.Name with { Schema = partition.Name.Schema ?? schema })
            .Prepend(new TableName(schema, operation.Table.Name));
        foreach (TableName name in names)
        {
            if (
                draft.Claim(ClaimKind.Name, name.ToString(), operation)
                && await TableFacts.IsTakenAsync(draft.Connection, name, draft.Cancel)
            )
            {
                draft.Invalid.Add(
                    new Problem(
                        $"{operation.Title}: table",
                        $"{name.Schema} already has an object named {name.Name}.",
                        "Choose another name."
                    )
                );
            }
        }
    }

    private void JudgeExpressions(CreateTable operation, TableText text)
    {
        foreach ((string key, string each) in text.Texts())
        {
            if (ExpressionText.Objection(each) is { } objection)
            {
                draft.Invalid.Add(
                    new Problem(
                        $"{operation.Title}: {key}",
                        $"`{each}` is not one SQL expression: {objection}",
                        "Write a single complete expression."
                    )
                );
            }
        }
    }

    private async Task JudgeTypesAsync(CreateTable operation)
    {
        foreach (AddColumn column in operation.Columns)
        {
            // The text of a type must contain only a type: the parser reads it alone first.
            if (!draft.HasProblems && await TypeAsync(column.Type) is { } unknown)
            {
                string serial = column.Type.Contains("serial", StringComparison.OrdinalIgnoreCase)
                    ? " (serial is not a type: use `identity:` with an integer type)"
                    : "";
                draft.Invalid.Add(
                    new Problem(
                        $"{operation.Title}: columns",
                        $"{column.Name}: {unknown}{serial}",
                        "Use a type that the database has."
                    )
                );
            }
        }
    }

    private void JudgeOptions(CreateTable operation)
    {
        foreach (
            string odd in new[] { operation.With }
                .Concat(operation.Indexes.Select(index => index.With))
                .Select(IndexProbe.OddOption)
                .OfType<string>()
        )
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: with",
                    $"\"{odd}\" is not a storage parameter.",
                    "Storage parameters are in the documentation of CREATE TABLE and CREATE INDEX."
                )
            );
        }
    }

    /// <summary>Null if the type exists.</summary>
    private async Task<string?> TypeAsync(string type)
    {
        (bool isThere, string? error) = await AskAsync(async () =>
            await draft.Connection.ScalarAsync<uint?>(
                "SELECT to_regtype($1)::oid",
                draft.Cancel,
                TypeNames.BaseOf(type)
            )
                is not null
        );
        return isThere ? null : error ?? $"type \"{type}\" does not exist";
    }

    /// <summary>False, with a problem, if the server rejects it.</summary>
    private async Task<bool> MakeAsync(CreateTable operation, TableText text)
    {
        foreach ((string key, string statement) in text.Statements())
        {
            (bool isMade, string? error) = await AskAsync(async () =>
                await draft.Connection.ExecuteAsync(statement, draft.Cancel) is var _
            );
            if (!isMade)
            {
                draft.Invalid.Add(new Problem($"{operation.Title}: {key}", error!, "Correct it, or leave it out."));
                return false;
            }
        }

        return true;
    }

    /// <summary>An accepted statement stays; a rejected one leaves the transaction as it was.</summary>
    private async Task<(bool Answer, string? Error)> AskAsync(Func<Task<bool>> ask)
    {
        bool answer = false;
        PostgresException? rejection = await draft.Connection.RejectionOfAsync(
            async () => answer = await ask(),
            error => Errors.Classify(error) is ErrorClass.Permanent or ErrorClass.Rows,
            draft.Cancel
        );
        return (answer, rejection is null ? null : Errors.Describe(rejection));
    }

    private async Task<IReadOnlyList<Step>> ForeignKeysAsync(CreateTable operation, Table table)
    {
        IEnumerable<(string? Name, IReadOnlyList<string> Columns, ForeignKeyReference Reference)> wanted =
        [
            .. operation
                .Columns.Where(column => column.References is not null)
                .Select(column => ((string?)null, (IReadOnlyList<string>)[column.Name], column.References!)),
            .. operation
                .Constraints.OfType<AddForeignKey>()
                .Select(key => (key.Name, (IReadOnlyList<string>)key.Columns, key.References)),
        ];
        ObjectNames names = await draft.NamesAsync(table);
        List<Step> steps = [];
        foreach ((string? given, IReadOnlyList<string> columns, ForeignKeyReference reference) in wanted)
        {
            if (columns.Except(table.Columns).ToArray() is [var unknown, ..])
            {
                draft.Invalid.Add(
                    new Problem(
                        $"{operation.Title}: constraints",
                        $"the table has no column {unknown}.",
                        MeantNames.OfColumn(unknown, table.Columns)
                    )
                );
                continue;
            }

            if (given is not null && !names.TakeConstraint(given))
            {
                draft.Invalid.Add(
                    new Problem(
                        $"{operation.Title}: constraints",
                        $"two constraints are named {given}.",
                        "Choose another name."
                    )
                );
                continue;
            }

            string name = given ?? names.ForRelation(table.Schema, table.Name, string.Join('_', columns), "fkey");
            TableCopy copy = await draft.CopyAsync(table, operation.Title);
            PlannedForeignKey? key = await draft.ForeignKeyAsync(copy, table, columns, reference, name);
            await draft.DropAsync(copy);
            steps.AddRange(
                key is null || draft.HasProblems
                    ? []
                    : new ForeignKeyRoad(table, draft.Server, key, $"enforce/constraint-{name}").Add()
            );
        }

        return steps;
    }

    private async Task<DdlStep> CreateAsync(TableText text, Table table)
    {
        Steps steps = new(table);
        IReadOnlyList<string> columns = await draft.Connection.AsideAsync(
            async () =>
            {
                await Printing.BeginAsync(draft.Connection, draft.Cancel);
                return await draft.Connection.QueryAsync(ColumnLines(table.Sql), row => row.GetString(0), draft.Cancel);
            },
            draft.Cancel
        );
        string id = steps.IdOf("expand/create");

        string isMade =
            $"({Conditions.RelationExists(table.Sql)} AND NOT EXISTS (SELECT "
            + $"unnest(ARRAY[{string.Join(", ", columns.Select(Sql.Literal))}]::text[]) EXCEPT "
            + $"{ColumnLines(table.Sql)}))";
        return new DdlStep
        {
            Id = id,
            Title =
                table.Partitions.Count == 0
                    ? $"create table {table.Name}"
                    : $"create table {table.Name} with {table.Partitions.Count} partitions",
            Statements = [.. text.Statements().Select(each => each.Statement)],
            Applied = Conditions.Query(isMade),

            // Its record commits with it: a table without a record belongs to others, even if it looks the same.
            CountsOnlyIfRecorded = true,
            Obstacle = new Obstacle(
                Conditions.Query(Conditions.RelationExists(table.Sql)),
                $"{table.Sql} exists and does not belong to this change: it was created after the "
                    + "change was planned, and is not touched. Rename or drop it"
            ),

            // It touches no existing object, and nobody can wait for a table that is not visible yet.
            Impact = new Impact { Locks = [], Cost = Cost.Metadata },
            Estimate = Estimates.Metadata(table),
            Undo = [Drop(steps, table, await OwnNamesAsync(table))],
            BlockedBy = new DependentChanges(table.Sql),
        };
    }

    /// <summary>
    /// Rows that an app has written meanwhile must not be lost: whether there are any is checked when nobody can write
    /// more.
    /// </summary>
    /// <param name="own">Its indexes and sequences, which keep their names when it is renamed.</param>
    private static DdlStep Drop(Steps steps, Table table, IReadOnlyList<string> own)
    {
        IEnumerable<string> exist = own.Select(name => Conditions.RelationExists(Sql.Name(table.Schema, name)));
        string body = $"""
            BEGIN
              IF EXISTS (SELECT FROM {table.Sql}) THEN
                RAISE EXCEPTION USING MESSAGE =
                    {Sql.Literal(
                $"{table.Schema}.{table.Name} holds rows that apps have written, and is not dropped. Save them "
                    + $"elsewhere if they matter, empty it (`TRUNCATE {table.Sql}`), then roll back again."
            )};
              END IF;
            END
            """;
        return steps.Exclusive(
            "expand/create/undo",
            $"drop table {table.Name}, if it has no rows",
            [$"DO {Sql.Literal(body)}", $"DROP TABLE {table.Sql}"]
        ) with
        {
            Applied = Conditions.Query(Conditions.Not(Conditions.RelationExists(table.Sql))),
            Obstacle =
                own.Count == 0
                    ? null
                    : new Obstacle(
                        Conditions.Query(
                            $"{Conditions.Not(Conditions.RelationExists(table.Sql))} AND "
                                + $"({string.Join(" OR ", exist)})"
                        ),
                        $"{table.Schema}.{table.Name} does not exist, but its own objects do "
                            + $"({string.Join(", ", own)}): it was renamed. Rename it back, or drop the rest "
                            + "of it manually"
                    ),
        };
    }

    private Task<IReadOnlyList<string>> OwnNamesAsync(Table table) =>
        draft.Connection.QueryAsync(
            """
            SELECT c.relname::text FROM pg_class c
                WHERE c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = $1::oid)
              OR (c.relkind = 'S' AND c.oid IN (SELECT objid FROM pg_depend WHERE classid = 'pg_class'::regclass
                  AND refclassid = 'pg_class'::regclass AND refobjid = $1::oid AND deptype IN ('a', 'i'))) ORDER BY 1
            """,
            row => row.GetString(0),
            draft.Cancel,
            (long)table.Oid
        );

    private static string ColumnLines(string relation) =>
        $"SELECT concat_ws(' ', attname, {Printing.InPlan("format_type(atttypid, atttypmod)")}, attnotnull, "
        + "attidentity, attgenerated) AS line FROM pg_catalog.pg_attribute WHERE attrelid = "
        + $"to_regclass({Sql.Literal(relation)}) AND attnum > 0 AND NOT attisdropped";
}
