using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Columns;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Types;

/// <summary>The default of a domain: it is set at once, and dropped behind the gate.</summary>
internal sealed class DomainDefault(Draft draft)
{
    private readonly TypeTargets _types = new(draft);

    public async Task<IReadOnlyList<StagedStep>> PlanAsync(AlterDomain operation, ExistingDomain domain)
    {
        if (
            (operation.Default is null && !operation.DropDefault)
            || (operation.Default is { } text && !DomainParts.IsExpression(draft, operation, "default", text))
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
        if (after is null && domain.Default is not null)
        {
            return Drop(domain, statement);
        }

        return after == domain.Default ? [] : [new StagedStep(StageName.Enforce, Set(domain, statement, after))];
    }

    private static IReadOnlyList<StagedStep> Drop(ExistingDomain domain, string statement)
    {
        DdlStep drop = TypeTargets.Step(
            $"{DomainParts.IdOf("contract", domain)}/default",
            $"drop the default of domain {domain.Type.Name}",
            [statement]
        );
        return
        [
            new StagedStep(
                StageName.Switch,
                TypeTargets.Gate(
                    $"{DomainParts.IdOf("switch", domain)}/default",
                    $"wait until no code relies on the default of {domain.Type.Name}",
                    new GateCondition(GateEvidence.NotUsed, [$"the default of domain {domain.Type.Name}"])
                )
            ),
            new StagedStep(
                StageName.Contract,
                drop with
                {
                    Applied = Conditions.Query(Is(domain, null)),
                    Impact = drop.Impact with { Reversible = false },
                }
            ),
        ];
    }

    private static DdlStep Set(ExistingDomain domain, string statement, string? after)
    {
        string id = $"{DomainParts.IdOf("enforce", domain)}/default";
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
            Applied = Conditions.Query(Is(domain, domain.Default)),
            Obstacle = DomainParts.Altered(
                domain,
                Conditions.All([Conditions.Not(Is(domain, after)), Conditions.Not(Is(domain, domain.Default))])
            ),
        };
        return TypeTargets.Step(id, $"set the default of domain {domain.Type.Name}", [statement]) with
        {
            Applied = Conditions.Query(Is(domain, after)),
            Undo = [undo],
        };
    }

    private static string Is(ExistingDomain domain, string? value) =>
        DomainParts.OfDomain(
            domain,
            value is null
                ? "t.typdefaultbin IS NULL"
                : $"{Printing.InPlan("pg_get_expr(t.typdefaultbin, 0)")} = {Sql.Literal(value)}"
        );
}
