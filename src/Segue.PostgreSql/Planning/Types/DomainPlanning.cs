using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Lexing;
using Segue.PostgreSql.Planning.Columns;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Types;

/// <summary>
/// The roads of <c>create_domain</c> and <c>alter_domain</c>. A statement that makes the server check existing values
/// (VALIDATE, SET NOT NULL) blocks every writer of every table with a column of the domain for as long as reading them
/// all takes. So it runs on small tables only.
/// </summary>
internal sealed class DomainPlanning(Draft draft)
{
    private readonly TypeTargets _types = new(draft);

    public async Task<IReadOnlyList<StagedStep>> CreateAsync(CreateDomain operation)
    {
        await draft.CheckEncodingAsync(operation.Title, "comment", operation.Comment);
        bool areTexts =
            IsExpression(operation, "type", operation.Type)
            && (operation.Default is null || IsExpression(operation, "default", operation.Default))
            && operation.Checks.All(check => IsExpression(operation, "checks", check.Check));
        if (
            !areTexts
            || await _types.SchemaAsync(operation.Name, operation.Title) is not { } schema
            || !await _types.DoAsync(
                $"{operation.Title}: type",
                "Write one type, as in SQL.",
                $"SELECT (NULL::{operation.Type}) WHERE false"
            )
        )
        {
            return [];
        }

        string name = Sql.Name(schema, operation.Name.Name);
        string collate = operation.Collation is { } collation ? $" COLLATE {TypeNames.Collation(collation)}" : "";
        string @default = operation.Default is { } expression ? $" DEFAULT {Sql.Parenthesised(expression)}" : "";
        string[] statements =
        [
            $"CREATE DOMAIN {name} AS {operation.Type}{collate}{@default}"
                + (operation.Nullable ? "" : " NOT NULL")
                + string.Concat(operation.Checks.Select(check => $" {Clause(check)}")),
            .. When(operation.Comment, comment => $"COMMENT ON DOMAIN {name} IS {Sql.Literal(comment)}"),
        ];
        if (!await _types.DoAsync(operation.Title, "Correct what the server reports.", statements))
        {
            return [];
        }

        PlannedType planned = await PlannedType.ReadAsync(draft.Connection, schema, operation.Name.Name, draft.Cancel);
        draft.NewTypes.Add(planned.Sql);
        return [new StagedStep(StageName.Expand, planned.Create("domain", "DROP DOMAIN", statements))];
    }

    public async Task<IReadOnlyList<StagedStep>> AlterAsync(AlterDomain operation)
    {
        await draft.CheckEncodingAsync(operation.Title, "comment", operation.Comment);
        if (
            await _types.OwnedAsync(operation.Domain, ExistingType.Domain, operation.Title) is not { } type
            || !draft.Claim(ClaimKind.Domain, $"{type.Schema}.{type.Name}", operation)
        )
        {
            return [];
        }

        ExistingDomain domain = await ExistingDomain.ReadAsync(draft.Connection, type, draft.Cancel);
        List<StagedStep> steps = [];
        steps.AddRange(await RenameAsync(operation, domain));
        steps.AddRange(await DefaultAsync(operation, domain));
        steps.AddRange(
            operation.Comment is { } comment && comment != domain.Comment
                ? [new StagedStep(StageName.Enforce, Comment(domain, comment))]
                : []
        );
        steps.AddRange(await AddCheckAsync(operation, domain));
        steps.AddRange(await NotNullAsync(operation, domain));
        steps.AddRange(Drop(operation, domain));
        return steps;
    }

    private async Task<IReadOnlyList<StagedStep>> RenameAsync(AlterDomain operation, ExistingDomain domain)
    {
        if (
            operation.RenameConstraint is not { } rename
            || Find(domain, rename.From, $"{operation.Title}: rename_constraint") is not { } before
        )
        {
            return [];
        }

        string Statement(string from, string to) =>
            $"ALTER DOMAIN {domain.Sql} RENAME CONSTRAINT {Sql.Name(from)} TO {Sql.Name(to)}";
        if (
            !await _types.DoAsync(
                $"{operation.Title}: rename_constraint",
                "Choose another name.",
                Statement(rename.From, rename.To)
            )
        )
        {
            return [];
        }

        DomainConstraint after = before with { Name = rename.To };
        DdlStep Rename(string id, DomainConstraint from, DomainConstraint to) =>
            TypeTargets.Step(
                id,
                $"rename constraint {from.Name} of domain {domain.Type.Name} to {to.Name}",
                [Statement(from.Name, to.Name)]
            ) with
            {
                Applied = Conditions.Query(Conditions.All([to.Exists, Conditions.Not(from.Exists)])),
                Obstacle = new Obstacle(
                    Conditions.Query(Conditions.All([from.NameExists, to.NameExists])),
                    $"{domain.Sql} has both {from.Name} and {to.Name}; one of them was created after "
                        + "the change was planned. Rename or drop that one"
                ),
            };
        string id = $"{IdOf("enforce", domain)}/rename-{rename.From}";
        return
        [
            new StagedStep(
                StageName.Enforce,
                Rename(id, before, after) with
                {
                    Undo = [Rename($"{id}/undo", after, before)],
                }
            ),
        ];
    }

    private async Task<IReadOnlyList<StagedStep>> DefaultAsync(AlterDomain operation, ExistingDomain domain)
    {
        if (
            (operation.Default is null && !operation.DropDefault)
            || (operation.Default is { } text && !IsExpression(operation, "default", text))
        )
        {
            return [];
        }

        string statement = operation.Default is { } wanted
            ? $"ALTER DOMAIN {domain.Sql} SET DEFAULT {Sql.Parenthesised(wanted)}"
            : $"ALTER DOMAIN {domain.Sql} DROP DEFAULT";
        if (
            !await _types.DoAsync($"{operation.Title}: default", "Write an expression of the domain's type.", statement)
        )
        {
            return [];
        }

        string? after = (await ExistingDomain.ReadAsync(draft.Connection, domain.Type, draft.Cancel)).Default;
        string Is(string? value) =>
            OfDomain(
                domain,
                value is null
                    ? "t.typdefaultbin IS NULL"
                    : $"{Printing.InPlan("pg_get_expr(t.typdefaultbin, 0)")} = {Sql.Literal(value)}"
            );
        if (after is null && domain.Default is not null)
        {
            DdlStep drop = TypeTargets.Step(
                $"{IdOf("contract", domain)}/default",
                $"drop the default of domain {domain.Type.Name}",
                [statement]
            );
            return
            [
                new StagedStep(
                    StageName.Switch,
                    TypeTargets.Gate(
                        $"{IdOf("switch", domain)}/default",
                        $"wait until no code relies on the default of {domain.Type.Name}",
                        new GateCondition(GateEvidence.NotUsed, [$"the default of domain {domain.Type.Name}"])
                    )
                ),
                new StagedStep(
                    StageName.Contract,
                    drop with
                    {
                        Applied = Conditions.Query(Is(null)),
                        Impact = drop.Impact with { Reversible = false },
                    }
                ),
            ];
        }

        string title = $"set the default of domain {domain.Type.Name}";
        string id = $"{IdOf("enforce", domain)}/default";
        DdlStep undo = TypeTargets.Step(
            $"{id}/undo",
            $"restore the default of domain {domain.Type.Name}",
            [
                domain.Default is null
                    ? $"ALTER DOMAIN {domain.Sql} DROP DEFAULT"
                    : $"ALTER DOMAIN {domain.Sql} SET DEFAULT {domain.Default}",
            ]
        ) with
        {
            Applied = Conditions.Query(Is(domain.Default)),
            Obstacle = Altered(domain, Conditions.All([Conditions.Not(Is(after)), Conditions.Not(Is(domain.Default))])),
        };
        return after == domain.Default
            ? []
            :
            [
                new StagedStep(
                    StageName.Enforce,
                    TypeTargets.Step(id, title, [statement]) with
                    {
                        Applied = Conditions.Query(Is(after)),
                        Undo = [undo],
                    }
                ),
            ];
    }

    private static DdlStep Comment(ExistingDomain domain, string comment)
    {
        string Is(string? value) =>
            OfDomain(
                domain,
                "obj_description(t.oid, 'pg_type') IS NOT DISTINCT FROM "
                    + $"{(value is null ? "NULL" : Sql.Literal(value))}"
            );
        DdlStep Set(string id, string? value) =>
            TypeTargets.Step(
                id,
                $"comment on domain {domain.Type.Name}",
                [$"COMMENT ON DOMAIN {domain.Sql} IS {(value is null ? "NULL" : Sql.Literal(value))}"]
            ) with
            {
                Applied = Conditions.Query(Is(value)),
            };
        string id = $"{IdOf("enforce", domain)}/comment";
        return Set(id, comment) with { Undo = [Set($"{id}/undo", domain.Comment)] };
    }

    private async Task<IReadOnlyList<StagedStep>> AddCheckAsync(AlterDomain operation, ExistingDomain domain)
    {
        string where = $"{operation.Title}: add_check";
        if (operation.AddCheck is not { } added || !IsExpression(operation, "add_check", added.Check))
        {
            return [];
        }

        // Unproven it takes no lock on any table, here as in the change itself.
        string statement = $"ALTER DOMAIN {domain.Sql} ADD {Clause(added)} NOT VALID";
        if (!await _types.DoAsync(where, "Write a boolean expression over VALUE, and an unused name.", statement))
        {
            return [];
        }

        DomainConstraint check = (
            await ExistingDomain.ReadAsync(draft.Connection, domain.Type, draft.Cancel)
        ).Constraints.Single(each =>
            domain.Constraints.All(old => old.Name != each.Name) && each.Name != operation.RenameConstraint?.To
        );
        DomainTables tables = await DomainTables.FindAsync(draft, domain, where);
        if (draft.HasProblems)
        {
            return [];
        }

        string id = $"{IdOf("enforce", domain)}/check-{check.Name}";
        DdlStep drop = TypeTargets.Step(
            $"{id}/undo",
            $"drop CHECK {check.Name} of domain {domain.Type.Name}",
            [$"ALTER DOMAIN {domain.Sql} DROP CONSTRAINT {Sql.Name(check.Name)}"]
        ) with
        {
            Applied = Conditions.Query(Conditions.Not(check.Exists)),
            Obstacle = Altered(domain, check.NameIsTaken),
        };
        List<StagedStep> steps =
        [
            .. tables
                .Verify("verify", check.Name, $"{added.Check}")
                .Select(step => new StagedStep(StageName.Verify, (Step)step)),
        ];
        steps.Add(
            new StagedStep(
                StageName.Enforce,
                TypeTargets.Step(
                    id,
                    $"add CHECK {check.Name} to domain {domain.Type.Name}, not yet proven",
                    [statement]
                ) with
                {
                    Applied = Conditions.Query(check.Exists),
                    Obstacle = Altered(domain, check.NameIsTaken),
                    Undo = [drop],
                }
            )
        );
        if (tables.AreSmall)
        {
            steps.Add(
                new StagedStep(
                    StageName.Enforce,
                    tables.Scan(
                        $"{id}/validate",
                        $"prove CHECK {check.Name} of domain {domain.Type.Name}",
                        $"ALTER DOMAIN {domain.Sql} VALIDATE CONSTRAINT {Sql.Name(check.Name)}"
                    ) with
                    {
                        Applied = Conditions.Query(check.IsValid),
                    }
                )
            );
        }
        else
        {
            steps.Add(
                new StagedStep(
                    StageName.Enforce,
                    OlderTransactions.Wait($"{id}/wait", $"the CHECK {check.Name}") with
                    {
                        Obstacle = tables.IsUsedElsewhere("its values would not be checked"),
                    }
                )
            );
            steps.AddRange(
                tables
                    .Verify("enforce", check.Name, $"{added.Check}")
                    .Select(step => new StagedStep(StageName.Enforce, (Step)step))
            );
            draft.Hazards.Add(
                new Hazard(
                    "domain-check-unproven",
                    $"The CHECK {check.Name} of {domain.Type.Name} holds for every value that is "
                        + "written from then on. Segue checks every row before, and again when all "
                        + "transactions that were running have ended. The CHECK stays NOT VALID, because "
                        + $"proving it would block writers of {tables.Names} for as long as reading them "
                        + $"takes. `ALTER DOMAIN {domain.Sql} VALIDATE CONSTRAINT {Sql.Name(check.Name)}` "
                        + "proves it in a maintenance window."
                )
            );
        }

        return steps;
    }

    private async Task<IReadOnlyList<StagedStep>> NotNullAsync(AlterDomain operation, ExistingDomain domain)
    {
        if (operation.Nullable is not false || domain.IsNotNull)
        {
            return [];
        }

        string where = $"{operation.Title}: nullable";
        DomainTables tables = await DomainTables.FindAsync(draft, domain, where);
        if (!tables.AreSmall)
        {
            draft.Refused.Add(
                new Problem(
                    where,
                    $"the server would read all of {tables.Names} while nobody can write to them; it "
                        + "has no other way to make a domain NOT NULL.",
                    "Use `add_check: VALUE IS NOT NULL`, which holds for every new value; or make the columns NOT NULL."
                )
            );
        }

        if (draft.HasProblems)
        {
            return [];
        }

        string id = $"{IdOf("enforce", domain)}/not-null";
        string isNotNull = OfDomain(domain, "t.typnotnull");
        return
        [
            .. tables
                .Verify("verify", "NOT NULL", "VALUE IS NOT NULL")
                .Select(step => new StagedStep(StageName.Verify, (Step)step)),
            new StagedStep(
                StageName.Enforce,
                tables.Scan(
                    id,
                    $"set domain {domain.Type.Name} NOT NULL",
                    $"ALTER DOMAIN {domain.Sql} SET NOT NULL"
                ) with
                {
                    Applied = Conditions.Query(isNotNull),
                    Undo =
                    [
                        TypeTargets.Step(
                            $"{id}/undo",
                            $"drop NOT NULL of domain {domain.Type.Name}",
                            [$"ALTER DOMAIN {domain.Sql} DROP NOT NULL"]
                        ) with
                        {
                            Applied = Conditions.Query(Conditions.Not(isNotNull)),
                        },
                    ],
                }
            ),
        ];
    }

    /// <summary>Rules that an old app relies on are dropped after the gate.</summary>
    private IReadOnlyList<StagedStep> Drop(AlterDomain operation, ExistingDomain domain)
    {
        List<(string What, string Words, DdlStep Step)> drops = [];
        if (
            operation.DropConstraint is { } name
            && Find(domain, name, $"{operation.Title}: drop_constraint") is { } constraint
        )
        {
            drops.Add(
                (
                    $"constraint-{name}",
                    $"the CHECK {name}",
                    TypeTargets.Step(
                        "",
                        $"drop CHECK {name} of domain {domain.Type.Name}",
                        [$"ALTER DOMAIN {domain.Sql} DROP CONSTRAINT {Sql.Name(name)}"]
                    ) with
                    {
                        Applied = Conditions.Query(Conditions.Not(constraint.NameExists)),
                        Obstacle = Altered(domain, constraint.NameIsTaken),
                    }
                )
            );
        }

        if (operation.Nullable is true && domain.IsNotNull)
        {
            drops.Add(
                (
                    "not-null",
                    "NOT NULL",
                    TypeTargets.Step(
                        "",
                        $"drop NOT NULL of domain {domain.Type.Name}",
                        [$"ALTER DOMAIN {domain.Sql} DROP NOT NULL"]
                    ) with
                    {
                        Applied = Conditions.Query(OfDomain(domain, "NOT t.typnotnull")),
                    }
                )
            );
        }

        return
        [
            .. drops.Select(drop => new StagedStep(
                StageName.Switch,
                (Step)
                    TypeTargets.Gate(
                        $"{IdOf("switch", domain)}/{drop.What}",
                        $"wait until no code relies on {drop.Words} of {domain.Type.Name}",
                        new GateCondition(GateEvidence.NotUsed, [$"{drop.Words} of domain {domain.Type.Name}"])
                    )
            )),
            .. drops.Select(drop => new StagedStep(
                StageName.Contract,
                (Step)(
                    drop.Step with
                    {
                        Id = $"{IdOf("contract", domain)}/{drop.What}",
                        Impact = drop.Step.Impact with { Reversible = false },
                    }
                )
            )),
        ];
    }

    private static string IdOf(string stage, ExistingDomain domain) =>
        $"{stage}/domain/{domain.Type.Schema}.{domain.Type.Name}";

    private static string Clause(DomainCheck check) =>
        $"{(check.Name is { } name ? $"CONSTRAINT {Sql.Name(name)} " : "")}CHECK {Sql.Parenthesised(check.Check)}";

    private static string OfDomain(ExistingDomain domain, string condition) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.oid = to_regtype({Sql.Literal(domain.Sql)}) AND "
        + $"{condition})";

    private static Obstacle Altered(ExistingDomain domain, string isAltered) =>
        new(
            Conditions.Query(isAltered),
            $"the domain {domain.Sql} is not as this change found or left it: it was altered later. Restore it"
        );

    private DomainConstraint? Find(ExistingDomain domain, string name, string where)
    {
        DomainConstraint[] checks = [.. domain.Constraints.Where(each => each.Kind == 'c')];
        if (checks.FirstOrDefault(each => each.Name == name) is { } found)
        {
            return found;
        }

        draft.Invalid.Add(
            new Problem(
                where,
                $"{domain.Type.Schema}.{domain.Type.Name} has no CHECK {name}.",
                domain.Constraints.Any(each => each.Name == name)
                        ? "That constraint is its NOT NULL: use `nullable: true`."
                    : checks.Length == 0 ? "The domain has none."
                    : $"It has {string.Join(", ", checks.Select(each => each.Name))}."
            )
        );
        return null;
    }

    private bool IsExpression(Operation operation, string key, string text)
    {
        if (ExpressionText.Objection(text) is not { } objection)
        {
            return true;
        }

        draft.Invalid.Add(
            new Problem(
                $"{operation.Title}: {key}",
                $"`{text}` is not one SQL expression: {objection}",
                "Write a single complete expression."
            )
        );
        return false;
    }
}
