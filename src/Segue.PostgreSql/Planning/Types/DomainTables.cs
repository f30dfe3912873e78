using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Types;

/// <summary>The tables that have columns of a domain, and the steps that read them.</summary>
internal sealed class DomainTables
{
    private readonly ExistingDomain _domain;
    private readonly IReadOnlyList<Table> _tables;

    private DomainTables(ExistingDomain domain, IReadOnlyList<Table> tables, bool areSmall) =>
        (_domain, _tables, AreSmall) = (domain, tables, areSmall);

    /// <summary>So small together that writers may wait for one scan of all of them.</summary>
    public bool AreSmall { get; }

    public string Names =>
        _tables.Count switch
        {
            0 => "no table",
            <= 3 => string.Join(", ", _tables.Select(table => table.Name)),
            var count => $"{_tables[0].Name}, {_tables[1].Name} and {count - 2} more tables",
        };

    public static async Task<DomainTables> FindAsync(Draft draft, ExistingDomain domain, string where)
    {
        if (domain.Containers is [var container, ..])
        {
            draft.Refused.Add(
                new Problem(
                    where,
                    $"{container} has values of {domain.Type.Name} inside another type, where neither "
                        + "the server nor Segue checks them.",
                    "Add the rule as a CHECK of the tables instead; or add it manually, NOT VALID."
                )
            );
        }

        List<Table> tables = [];
        foreach (DomainColumn column in domain.Columns.DistinctBy(column => column.Table))
        {
            TableName name = new(column.Schema, column.TableName);
            if (await CatalogReader.FindAsync(draft.Connection, name, draft.Cancel) is not { } table)
            {
                // Dropped meanwhile, as the temporary table of a session that ended.
                continue;
            }

            draft.Refused.AddRange(Refusals.OfProving(table, where));
            if (
                !await draft.Connection.ScalarAsync<bool>(
                    "SELECT has_schema_privilege($1, 'USAGE') AND has_table_privilege($2::oid, 'SELECT')",
                    draft.Cancel,
                    column.Schema,
                    (long)table.Oid
                )
            )
            {
                draft.Refused.Add(
                    new Problem(
                        where,
                        $"our role may not read {column.Schema}.{column.TableName}, which has a column of "
                            + $"{domain.Type.Name}.",
                        $"`GRANT SELECT ON {column.Table} TO {Sql.Name(draft.Server.Role)}`."
                    )
                );
            }

            tables.Add(table);
        }

        bool areSmall =
            draft.Plan.IsSmall(tables.Sum(table => table.TotalSize.All))
            && tables.All(table => table is { Kind: 'r', CanLock: true });
        return new DomainTables(domain, tables, areSmall);
    }

    /// <summary>Checks every value; does nothing if no table has one.</summary>
    /// <param name="stage">Begins the steps' ids.</param>
    /// <param name="name">The checked rule, in words.</param>
    /// <param name="check">An expression over VALUE.</param>
    public IEnumerable<VerifyStep> Verify(string stage, string name, string check)
    {
        foreach (Table table in _tables)
        {
            Proofs proofs = new(table);
            yield return proofs.Step(
                $"{stage}/domain/{_domain.Type.Schema}.{_domain.Type.Name}/{name}",
                $"check for values that violate {name} of domain {_domain.Type.Name}",
                [
                    .. _domain
                        .Columns.Where(column => column.Table == table.Sql)
                        .Select(column => proofs.SatisfiesAs(column.Name, name, _domain.Cast, check)),
                ],
                []
            );
        }
    }

    /// <summary>One statement that makes the server read all of them while nobody writes.</summary>
    public DdlStep Scan(string id, string title, string statement) =>
        TypeTargets.Step(id, title, [statement]) with
        {
            PatientLocks =
            [
                .. _tables.Select(table => Locks.Statement($"ONLY {table.Sql}", Locks.ShareUpdateExclusive)),
            ],
            Locks = [.. _tables.Select(table => Locks.Statement($"ONLY {table.Sql}", Locks.Share))],
            Impact = new Impact
            {
                Locks = [.. _tables.Select(table => Locks.On(table.Sql, Locks.Share))],
                Cost = _tables.Count == 0 ? Cost.Metadata : Cost.Scan,
            },
            Obstacle = IsUsedElsewhere("would be locked as well"),
        };

    /// <param name="then">The consequence for that table.</param>
    public Obstacle IsUsedElsewhere(string then) =>
        new(
            Conditions.Query(_domain.IsUsedElsewhere),
            $"a table has a column of {_domain.Sql} that had none when the change was planned, and "
                + $"{then}. Roll back and plan again"
        );
}
