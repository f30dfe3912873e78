using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Dependents;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// Plans the altered columns of one table: which alterations change only the catalog, which need a fill, which need a
/// proof.
/// </summary>
internal sealed class AlteredColumns(Draft draft, Table table, ObjectNames names, bool sharesUpdate)
{
    private readonly List<Alteration> _alterations = [];
    private readonly AlterationRefusals _refusals = new(draft, table);
    private readonly RetypedColumns _retyped = new(draft, table);
    private readonly NotNullColumns _notNull = new(draft, table, names, sharesUpdate);

    /// <summary>The columns whose NULLs get a value.</summary>
    public IReadOnlyList<NewColumn> Columns => _notNull.Filled;

    public IReadOnlyList<Alteration> Alterations => _alterations;

    public IReadOnlyList<ProvenNotNull> NotNulls => _notNull.Proven;

    public RecreatedDependents Recreated { get; private set; } = RecreatedDependents.None;

    public async Task ResolveAsync(IReadOnlyList<AlterColumn> changes)
    {
        if (changes.Count == 0)
        {
            return;
        }

        TableCopy copy = new(draft.Connection, table);
        await copy.CreateWholeAsync(draft.Cancel);
        foreach (AlterColumn change in changes)
        {
            await draft.CheckEncodingAsync(change.Title, "comment", change.Comment);
            if (await draft.ColumnAsync(table, change.Name, change.Title) is not { } column)
            {
                continue;
            }

            if (_refusals.Objection(change, column, isRoot: true) is { } objection)
            {
                draft.Refused.Add(new Problem(change.Title, objection.What, objection.Remedy));
            }
            else
            {
                await ResolveAsync(copy, change, column);
            }
        }

        await draft.DropAsync(copy);
        Recreated = await _retyped.RecreatedAsync(changes, _alterations);
    }

    private async Task ResolveAsync(TableCopy copy, AlterColumn change, ExistingColumn column)
    {
        if (await _refusals.DifferingPartitionAsync(change, column) is { } differing)
        {
            draft.Refused.Add(differing);
            return;
        }

        _ = draft.Claim(ClaimKind.Column, $"{table.Schema}.{table.Name}.{column.Name}", change);
        if (change.Type is not null || change.Collation is not null)
        {
            await _refusals.RefuseBuiltOnAsync(change, column);
            await _retyped.ExpectBehindGateAsync(column);
        }

        int before = Count + copy.Problems.Count;
        await AskAsync(copy, change, column);
        await _notNull.AddAsync(copy, change, column);
        if (Count + copy.Problems.Count == before && !draft.HasProblems)
        {
            draft.Invalid.Add(
                new Problem(
                    change.Title,
                    $"{table.Schema}.{table.Name}.{column.Name} already is as the change asks.",
                    "Leave it out."
                )
            );
        }
    }

    private int Count => _alterations.Count + Columns.Count + NotNulls.Count;

    private async Task AskAsync(TableCopy copy, AlterColumn change, ExistingColumn column)
    {
        // Another collation compares differently: the result of a CHECK on the rows would change with it. A partition's
        // own CHECKs stay when the root's are dropped.
        AlterationProbe probe = new(
            new AlteredColumn(draft.Connection, table, copy, column, change),
            withoutChecks: change.Collation is null && !table.IsPartitioned
        );
        IReadOnlyList<Alteration> alterations = await probe.AskAsync(draft.Cancel);
        draft.Refused.AddRange(probe.Unsafe is { } unsafely ? [unsafely] : Array.Empty<Problem>());
        foreach (Alteration alteration in alterations)
        {
            bool hasPartners = alteration.Retypes is not null && column.ForeignKeys.Count > 0 && !draft.HasProblems;
            IReadOnlyList<Partner> partners = hasPartners
                ? await _retyped.PartnersAsync(change, column, alteration)
                : alteration.Partners;
            _alterations.Add(alteration with { Column = change.Name, Partners = partners });
        }

        if (alterations.Any(alteration => alteration.Retypes is not null))
        {
            await _retyped.SessionsAsync(change);
        }

        if (change.Type is not null || change.Collation is not null)
        {
            await _retyped.AskPartitionsAsync(change);
        }
    }
}
