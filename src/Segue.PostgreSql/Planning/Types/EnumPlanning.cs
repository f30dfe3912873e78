using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Types;

/// <summary>
/// The roads of <c>create_enum</c>, <c>add_enum_value</c> and <c>rename_enum_value</c>. None of them locks a table.
/// </summary>
internal sealed class EnumPlanning(Draft draft)
{
    private readonly TypeTargets _types = new(draft);

    public async Task<IReadOnlyList<StagedStep>> CreateAsync(CreateEnumType operation)
    {
        await draft.CheckEncodingAsync(operation.Title, "comment", operation.Comment);
        if (await _types.SchemaAsync(operation.Name, operation.Title) is not { } schema)
        {
            return [];
        }

        string name = Sql.Name(schema, operation.Name.Name);
        string[] statements =
        [
            $"CREATE TYPE {name} AS ENUM ({string.Join(", ", operation.Labels.Select(Sql.Literal))})",
            .. When(operation.Comment, comment => $"COMMENT ON TYPE {name} IS {Sql.Literal(comment)}"),
        ];
        if (!await _types.DoAsync(operation.Title, "Choose another name, or other labels.", statements))
        {
            return [];
        }

        PlannedType planned = await PlannedType.ReadAsync(draft.Connection, schema, operation.Name.Name, draft.Cancel);
        draft.NewTypes.Add(planned.Sql);
        return [new StagedStep(StageName.Expand, planned.Create("enum", "DROP TYPE", statements))];
    }

    /// <summary>
    /// In the contract stage, because a label cannot be removed: until then a rollback leaves the catalog as it was.
    /// The statement has a separate transaction, so that the label can be used as soon as it ends.
    /// </summary>
    public async Task<IReadOnlyList<StagedStep>> AddAsync(AddEnumValue operation)
    {
        if (await _types.OwnedAsync(operation.Type, ExistingType.Enum, operation.Title) is not { } type)
        {
            return [];
        }

        if (type.Labels.Contains(operation.Value))
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: value",
                    $"{type.Schema}.{type.Name} already has the label {operation.Value}, or this change adds it twice.",
                    "Choose another one."
                )
            );
            return [];
        }

        string? neighbour = operation.Before ?? operation.After;
        if (
            neighbour is not null
            && !HasLabel(type, neighbour, $"{operation.Title}: {(operation.Before is null ? "after" : "before")}")
        )
        {
            return [];
        }

        string place = neighbour is null
            ? ""
            : $" {(operation.Before is null ? "AFTER" : "BEFORE")} {Sql.Literal(neighbour)}";
        string statement = $"ALTER TYPE {type.Sql} ADD VALUE {Sql.Literal(operation.Value)}{place}";
        if (!await _types.DoAsync(operation.Title, "Correct the label.", statement))
        {
            return [];
        }

        draft.Hazards.Add(Stays(type, operation));
        DdlStep add = TypeTargets.Step(
            $"contract/enum-add/{type.Schema}.{type.Name}/{operation.Value}",
            $"add the label {operation.Value} to enum {type.Name}, permanently",
            [statement]
        );
        return
        [
            new StagedStep(
                StageName.Contract,
                add with
                {
                    Applied = Conditions.Query(LabelExists(type, operation.Value, Sorts(type, operation))),
                    Impact = add.Impact with { Reversible = false },
                }
            ),
        ];
    }

    public async Task<IReadOnlyList<StagedStep>> RenameAsync(RenameEnumValue operation)
    {
        if (
            await _types.OwnedAsync(operation.Type, ExistingType.Enum, operation.Title) is not { } type
            || !HasLabel(type, operation.From, $"{operation.Title}: from")
        )
        {
            return [];
        }

        if (type.Labels.Contains(operation.To))
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: to",
                    $"{type.Schema}.{type.Name} already has a label {operation.To}.",
                    "Choose another one; or convert the rows with an UPDATE of your own."
                )
            );
            return [];
        }

        string statement =
            $"ALTER TYPE {type.Sql} RENAME VALUE {Sql.Literal(operation.From)} TO {Sql.Literal(operation.To)}";
        if (!await _types.DoAsync(operation.Title, "Correct the label.", statement))
        {
            return [];
        }

        draft.Hazards.Add(await RenamedAsync(type, operation));
        return
        [
            new StagedStep(
                StageName.Switch,
                TypeTargets.Gate(
                    $"switch/enum-rename/{type.Schema}.{type.Name}/{operation.From}",
                    $"wait until no code uses the label {operation.From}",
                    new GateCondition(GateEvidence.NotUsed, [$"the label {operation.From} of {type.Name}"])
                    {
                        By = $"the label {operation.To}",
                    }
                )
            ),
            new StagedStep(StageName.Contract, Rename(type, operation, statement)),
        ];
    }

    private static DdlStep Rename(ExistingType type, RenameEnumValue operation, string statement)
    {
        string has = LabelExists(type, operation.To, "");
        string hasOld = LabelExists(type, operation.From, "");
        string lacksOld = Conditions.Not(hasOld);
        return TypeTargets.Step(
            $"contract/enum-rename/{type.Schema}.{type.Name}/{operation.From}",
            $"rename the label {operation.From} of enum {type.Name} to {operation.To}",
            [statement]
        ) with
        {
            Applied = Conditions.Query(Conditions.All([has, lacksOld])),
            Obstacle = new Obstacle(
                Conditions.Query(
                    Conditions.Either(Conditions.All([has, hasOld]), Conditions.All([Conditions.Not(has), lacksOld]))
                ),
                $"{type.Sql} has both labels or neither: it was altered later. Restore it"
            ),
        };
    }

    /// <summary>A condition: the label sorts before or after its neighbour; empty if it has none.</summary>
    private static string Sorts(ExistingType type, AddEnumValue operation) =>
        (operation.Before ?? operation.After) is { } neighbour
            ? $" AND e.enumsortorder {(operation.Before is null ? ">" : "<")} ({SortOf(type, neighbour)})"
            : "";

    private static Hazard Stays(ExistingType type, AddEnumValue operation) =>
        new Hazard(
            "enum-label-stays",
            $"The label {operation.Value} of {type.Name} cannot be removed: the server has no "
                + "statement for it. Segue adds it last, when nothing of this change can be rolled back "
                + "any more (after the gate, where the change has one). An app that needs the label "
                + "earlier needs it in a separate change. Deploy code that accepts the label before any "
                + "code writes it, and add it on subscribers that get these rows first."
        );

    private async Task<Hazard> RenamedAsync(ExistingType type, RenameEnumValue operation)
    {
        IReadOnlyList<string> functions = await draft.Connection.QueryAsync(
            """
            SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE strpos(p.prosrc, quote_literal($1)) > 0
                AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'segue') ORDER BY 1 LIMIT 10
            """,
            row => row.GetString(0),
            draft.Cancel,
            operation.From
        );
        string written =
            functions.Count == 0
                ? ""
                : $" These functions have {operation.From} in their text: {string.Join(", ", functions)}.";
        return Hazard.Danger(
            "enum-label-renamed",
            $"{type.Name} never has both labels: from the rename on a statement with {operation.From} fails, "
                + $"before it a statement with {operation.To} fails, and readers see {operation.To} at once. "
                + $"A statement that was prepared with {operation.From} in its text still works; one that "
                + "gets it as a parameter does not. If the app cannot tolerate that, "
                + $"`add_enum_value` {operation.To} instead, let the app write that one, and convert the "
                + $"rows.{written}"
        );
    }

    private static string LabelExists(ExistingType type, string label, string more) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_enum e WHERE e.enumtypid = to_regtype({Sql.Literal(type.Sql)}) "
        + $"AND e.enumlabel = {Sql.Literal(label)}{more})";

    private static string SortOf(ExistingType type, string label) =>
        "SELECT o.enumsortorder FROM pg_catalog.pg_enum o WHERE o.enumtypid = "
        + $"to_regtype({Sql.Literal(type.Sql)}) AND o.enumlabel = {Sql.Literal(label)}";

    private bool HasLabel(ExistingType type, string label, string where)
    {
        if (type.Labels.Contains(label))
        {
            return true;
        }

        draft.Invalid.Add(
            new Problem(
                where,
                $"{type.Schema}.{type.Name} has no label {label}.",
                $"It has {string.Join(", ", type.Labels)}."
            )
        );
        return false;
    }
}
