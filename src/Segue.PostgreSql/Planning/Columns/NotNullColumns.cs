using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// The columns that become NOT NULL: their NULLs get a value first, or it is proven that there are none.
/// </summary>
internal sealed class NotNullColumns(Draft draft, Table table, ObjectNames names, bool sharesUpdate)
{
    private readonly List<NewColumn> _filled = [];
    private readonly List<ProvenNotNull> _proven = [];

    /// <summary>The columns whose NULLs get a value.</summary>
    public IReadOnlyList<NewColumn> Filled => _filled;

    public IReadOnlyList<ProvenNotNull> Proven => _proven;

    public async Task AddAsync(TableCopy copy, AlterColumn change, ExistingColumn column)
    {
        if (change.Nullable is not false || column.IsNotNull)
        {
            return;
        }

        string constraint = names.ForRelation(table.Schema, table.Name, column.Name, "not_null");
        if (change.Backfill is null)
        {
            await ProveAsync(change, column, constraint);
        }
        else if (await FillAsync(copy, change, column) is { } fill)
        {
            _filled.Add(Column(change, column, fill, constraint));
        }
    }

    private async Task ProveAsync(AlterColumn change, ExistingColumn column, string constraint)
    {
        string sql = Sql.Name(column.Name);
        draft.Refused.AddRange(Refusals.OfProving(table, change.Title));
        draft.Hazards.Add(
            Hazard.Danger(
                "enforced-before-switch",
                $"From the enforce stage on {table.Name}.{column.Name} rejects NULL: old code that "
                    + "writes one fails. With `backfill` such a row would get that value instead, until "
                    + "the gate is passed."
            )
        );
        if (await FilledNulls.EmptiedByAsync(draft.Connection, table, column.Name, draft.Cancel) is { } key)
        {
            draft.Hazards.Add(
                Hazard.Danger(
                    "emptying-key",
                    $"The foreign key {key} sets {table.Name}.{column.Name} to NULL when a parent "
                        + "row is deleted or its key changes. From the enforce stage on such a statement "
                        + "on the parent fails."
                )
            );
        }

        _proven.Add(new ProvenNotNull(column.Name, constraint, Conditions.IsNoNullValue(sql, column.IsComposite)));
    }

    /// <summary>How NULLs get a value; null, with a problem, if they cannot.</summary>
    private async Task<Fill?> FillAsync(TableCopy copy, AlterColumn change, ExistingColumn column)
    {
        string definition = $"{Sql.Name("segue_probe_column")} {column.Type}";
        FillProbe probe = new(draft.Connection, table, copy, sharesUpdate);
        if (await probe.OfExistingAsync(change, definition, draft.Cancel) is not { } fill)
        {
            return null;
        }

        FilledNulls nulls = new(draft.Connection, table, copy, column.Name, fill);
        if (await nulls.ObjectionAsync($"{change.Title}: backfill", draft.Cancel) is { } objection)
        {
            draft.Refused.Add(objection);
            return null;
        }

        draft.Hazards.Add(
            Hazard.Notice(
                "filled-stays",
                $"A rollback leaves the values that replaced NULLs in {table.Name}.{column.Name}: "
                    + "Segue does not record which rows were NULL."
            )
        );
        return fill;
    }

    private static NewColumn Column(AlterColumn change, ExistingColumn column, Fill fill, string constraint) =>
        new()
        {
            IsThere = true,
            Change = new AddColumn
            {
                Table = change.Table,
                Name = column.Name,
                Type = column.Type,
                Nullable = false,
                Backfill = change.Backfill,
            },
            Type = column.Type,
            Collate = "",
            TypeRewrites = false,
            IsComposite = column.IsComposite,
            TypeHasDefault = false,
            DefaultIsMetadata = true,
            BackfillIsConstant = false,
            Fill = fill,
            Names = new ConstraintNames("", "", "", "", constraint),
        };
}
