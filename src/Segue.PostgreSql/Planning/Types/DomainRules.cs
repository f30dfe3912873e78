using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Columns;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Types;

/// <summary>CHECK and NOT NULL of a domain.</summary>
internal sealed class DomainRules(Draft draft)
{
    private readonly TypeTargets _types = new(draft);

    public async Task<IReadOnlyList<StagedStep>> AddCheckAsync(AlterDomain operation, ExistingDomain domain)
    {
        string where = $"{operation.Title}: add_check";
        if (
            operation.AddCheck is not { } added
            || !DomainParts.IsExpression(draft, operation, "add_check", added.Check)
        )
        {
            return [];
        }

        // Unproven it takes no lock on any table, here as in the change itself.
        string statement = $"ALTER DOMAIN {domain.Sql} ADD {DomainParts.Clause(added)} NOT VALID";
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

        IEnumerable<StagedStep> Verify(StageName stage, string id) =>
            tables.Verify(id, check.Name, $"{added.Check}").Select(step => new StagedStep(stage, (Step)step));

        return
        [
            .. Verify(StageName.Verify, "verify"),
            new StagedStep(StageName.Enforce, Add(domain, check, statement)),
            .. tables.AreSmall
                ? [new StagedStep(StageName.Enforce, Validate(domain, check, tables))]
                : LeaveUnproven(domain, check, tables, Verify(StageName.Enforce, "enforce")),
        ];
    }

    private static string IdOf(ExistingDomain domain, DomainConstraint check) =>
        $"{DomainParts.IdOf("enforce", domain)}/check-{check.Name}";

    private static DdlStep Add(ExistingDomain domain, DomainConstraint check, string statement)
    {
        string id = IdOf(domain, check);
        DdlStep drop = TypeTargets.Step(
            $"{id}/undo",
            $"drop CHECK {check.Name} of domain {domain.Type.Name}",
            [$"ALTER DOMAIN {domain.Sql} DROP CONSTRAINT {Sql.Name(check.Name)}"]
        ) with
        {
            Applied = Conditions.Query(Conditions.Not(check.Exists)),
            Obstacle = DomainParts.Altered(domain, check.NameIsTaken),
        };
        return TypeTargets.Step(
            id,
            $"add CHECK {check.Name} to domain {domain.Type.Name}, not yet proven",
            [statement]
        ) with
        {
            Applied = Conditions.Query(check.Exists),
            Obstacle = DomainParts.Altered(domain, check.NameIsTaken),
            Undo = [drop],
        };
    }

    private static DdlStep Validate(ExistingDomain domain, DomainConstraint check, DomainTables tables) =>
        tables.Scan(
            $"{IdOf(domain, check)}/validate",
            $"prove CHECK {check.Name} of domain {domain.Type.Name}",
            $"ALTER DOMAIN {domain.Sql} VALIDATE CONSTRAINT {Sql.Name(check.Name)}"
        ) with
        {
            Applied = Conditions.Query(check.IsValid),
        };

    /// <summary>It holds for new values; old ones are checked before and after.</summary>
    private IEnumerable<StagedStep> LeaveUnproven(
        ExistingDomain domain,
        DomainConstraint check,
        DomainTables tables,
        IEnumerable<StagedStep> verify
    )
    {
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
        OnlineStep wait = OlderTransactions.Wait($"{IdOf(domain, check)}/wait", $"the CHECK {check.Name}") with
        {
            Obstacle = tables.IsUsedElsewhere("its values would not be checked"),
        };
        return [new StagedStep(StageName.Enforce, wait), .. verify];
    }

    public async Task<IReadOnlyList<StagedStep>> NotNullAsync(AlterDomain operation, ExistingDomain domain)
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

        string id = $"{DomainParts.IdOf("enforce", domain)}/not-null";
        string isNotNull = DomainParts.OfDomain(domain, "t.typnotnull");
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
}
