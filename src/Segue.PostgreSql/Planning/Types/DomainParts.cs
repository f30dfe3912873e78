using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Lexing;
using Segue.PostgreSql.Planning.Columns;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Types;

/// <summary>What the steps of a domain share.</summary>
internal static class DomainParts
{
    public static string IdOf(string stage, ExistingDomain domain) =>
        $"{stage}/domain/{domain.Type.Schema}.{domain.Type.Name}";

    public static string Clause(DomainCheck check) =>
        $"{(check.Name is { } name ? $"CONSTRAINT {Sql.Name(name)} " : "")}CHECK {Sql.Parenthesised(check.Check)}";

    public static string OfDomain(ExistingDomain domain, string condition) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.oid = to_regtype({Sql.Literal(domain.Sql)}) AND "
        + $"{condition})";

    public static Obstacle Altered(ExistingDomain domain, string isAltered) =>
        new(
            Conditions.Query(isAltered),
            $"the domain {domain.Sql} is not as this change found or left it: it was altered later. Restore it"
        );

    public static DomainConstraint? Find(Draft draft, ExistingDomain domain, string name, string where)
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

    public static bool IsExpression(Draft draft, Operation operation, string key, string text)
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
