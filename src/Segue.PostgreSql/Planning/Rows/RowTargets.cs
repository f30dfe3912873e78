using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>The tables of <c>backfill</c> and <c>prune</c>.</summary>
internal sealed class RowTargets(Draft draft)
{
    /// <summary>Distinguishes several of one change.</summary>
    public string IdOf(Operation operation)
    {
        int before = draft
            .Change.Operations.TakeWhile(each => !ReferenceEquals(each, operation))
            .Count(each => each is BackfillRows or PruneRows);
        return before == 0 ? "rows" : $"rows-{before + 1}";
    }

    public async Task<Table?> FindAsync(
        TableOperation operation,
        string title,
        string right,
        Func<Table, IReadOnlyList<string>> rules
    )
    {
        if (await draft.FindAsync(operation.Table, title) is not { } table)
        {
            return null;
        }

        draft.Refused.AddRange([
            .. Refusals.OfRows(table, title),
            .. When(Refusals.OfRules(table, right, rules(table), title)),
            .. await LackingAsync(table, right, title),
        ]);
        return draft.Refused.Count > 0 ? null : table;
    }

    public async Task<IEnumerable<Problem>> LackingAsync(Table table, string right, string where) =>
        await draft.Connection.ScalarAsync<bool>(
            "SELECT has_table_privilege($1::oid, 'SELECT') AND has_table_privilege($1::oid, $2)",
            draft.Cancel,
            (long)table.Oid,
            right
        )
            ? []
            :
            [
                new Problem(
                    where,
                    $"our role may not {right.ToLowerInvariant()} rows of {table.Schema}.{table.Name}.",
                    $"`GRANT SELECT, {right} ON {table.Sql} TO {Sql.Name(draft.Server.Role)}`."
                ),
            ];
}
