using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
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
            DomainParts.IsExpression(draft, operation, "type", operation.Type)
            && (operation.Default is null || DomainParts.IsExpression(draft, operation, "default", operation.Default))
            && operation.Checks.All(check => DomainParts.IsExpression(draft, operation, "checks", check.Check));
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
                + string.Concat(operation.Checks.Select(check => $" {DomainParts.Clause(check)}")),
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
        steps.AddRange(await new DomainDefault(draft).PlanAsync(operation, domain));
        steps.AddRange(
            operation.Comment is { } comment && comment != domain.Comment
                ? [new StagedStep(StageName.Enforce, Comment(domain, comment))]
                : []
        );
        steps.AddRange(await new DomainRules(draft).AddCheckAsync(operation, domain));
        steps.AddRange(await new DomainRules(draft).NotNullAsync(operation, domain));
        steps.AddRange(Drops(operation, domain).SelectMany(drop => Dropped(domain, drop)).OrderBy(step => step.Stage));
        return steps;
    }

    private async Task<IReadOnlyList<StagedStep>> RenameAsync(AlterDomain operation, ExistingDomain domain)
    {
        if (
            operation.RenameConstraint is not { } rename
            || DomainParts.Find(draft, domain, rename.From, $"{operation.Title}: rename_constraint") is not { } before
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
        string id = $"{DomainParts.IdOf("enforce", domain)}/rename-{rename.From}";
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

    private static DdlStep Comment(ExistingDomain domain, string comment)
    {
        string Is(string? value) =>
            DomainParts.OfDomain(
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
        string id = $"{DomainParts.IdOf("enforce", domain)}/comment";
        return Set(id, comment) with { Undo = [Set($"{id}/undo", domain.Comment)] };
    }

    /// <summary>Rules that an old app relies on are dropped after the gate.</summary>
    private IReadOnlyList<(string What, string Words, DdlStep Step)> Drops(AlterDomain operation, ExistingDomain domain)
    {
        List<(string What, string Words, DdlStep Step)> drops = [];
        if (
            operation.DropConstraint is { } name
            && DomainParts.Find(draft, domain, name, $"{operation.Title}: drop_constraint") is { } constraint
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
                        Obstacle = DomainParts.Altered(domain, constraint.NameIsTaken),
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
                        Applied = Conditions.Query(DomainParts.OfDomain(domain, "NOT t.typnotnull")),
                    }
                )
            );
        }

        return drops;
    }

    private static IEnumerable<StagedStep> Dropped(
        ExistingDomain domain,
        (string What, string Words, DdlStep Step) drop
    ) =>
        [
            new StagedStep(
                StageName.Switch,
                TypeTargets.Gate(
                    $"{DomainParts.IdOf("switch", domain)}/{drop.What}",
                    $"wait until no code relies on {drop.Words} of {domain.Type.Name}",
                    new GateCondition(GateEvidence.NotUsed, [$"{drop.Words} of domain {domain.Type.Name}"])
                )
            ),
            new StagedStep(
                StageName.Contract,
                drop.Step with
                {
                    Id = $"{DomainParts.IdOf("contract", domain)}/{drop.What}",
                    Impact = drop.Step.Impact with { Reversible = false },
                }
            ),
        ];
}
