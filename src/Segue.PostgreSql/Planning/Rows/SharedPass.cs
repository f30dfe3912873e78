using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>
/// Several <see cref="BackfillRows"/> of one table that do not read each other's results: one pass over the table
/// writes each row once.
/// </summary>
internal sealed class SharedPass(Draft draft, Table table)
{
    /// <summary>
    /// All of them as one, and whether one reads columns it writes; null if one would see another's result, or might
    /// lose values.
    /// </summary>
    public async Task<(BackfillRows Operation, bool ReadsItself)?> OfAsync(IReadOnlyList<BackfillRows> operations)
    {
        List<Assignments> all = [];
        TableCopy copy = await draft.CopyAsync(table, operations[0].Title, isWhole: true);
        foreach (BackfillRows operation in operations)
        {
            // An error of one of them is reported when it is planned alone.
            if (
                await new AssignmentProbe(draft.Connection, table, copy, operation).AskAsync(draft.Cancel) is
                { IsVolatile: false, Reads: [] } assignments
            )
            {
                all.Add(assignments);
            }
        }

        BackfillRows together = operations[0] with
        {
            Set = operations.SelectMany(SetOf).DistinctBy(each => each.Key).ToDictionary(),
            Where = null,
        };
        bool goes =
            all.Count == operations.Count
            && AreIndependent(operations, all)
            && await KeepsTypesAsync(copy, [.. operations.Where(each => each.Where is not null).SelectMany(SetOf)]);
        await copy.DropAsync(draft.Cancel);
        return goes ? (together, all.Any(each => each.ReadsItself)) : null;
    }

    private static IEnumerable<KeyValuePair<string, string>> SetOf(BackfillRows operation) =>
        operation.Set.Select(each =>
            KeyValuePair.Create(
                each.Key,
                operation.Where is { } where
                    ? $"CASE WHEN {Sql.Parenthesised(where)} THEN {Sql.Parenthesised(each.Value)} ELSE "
                        + $"{Sql.Name(each.Key)} END"
                    : each.Value
            )
        );

    private static bool AreIndependent(IReadOnlyList<BackfillRows> operations, IReadOnlyList<Assignments> all) =>
        operations.SelectMany(each => each.Set.Keys).GroupBy(column => column).All(same => same.Count() == 1)
        && operations
            .Index()
            .All(writer =>
                all.Index()
                    .All(reader =>
                        reader.Index == writer.Index || !reader.Item.Sources.Intersect(writer.Item.Set.Keys).Any()
                    )
            );

    /// <summary>A value that stays must not be converted to another type and back.</summary>
    private async Task<bool> KeepsTypesAsync(TableCopy copy, IReadOnlyList<KeyValuePair<string, string>> set)
    {
        if (set.Count == 0)
        {
            return true;
        }

        bool same = false;
        const string View = "pg_temp.segue_together";
        string list = string.Join(", ", set.Select(each => $"{Sql.Parenthesised(each.Value)} AS {Sql.Name(each.Key)}"));
        return await copy.SucceedsAsync(
                async () =>
                {
                    await draft.Connection.ExecuteAsync(
                        $"CREATE TEMPORARY VIEW {View} AS SELECT {list} FROM {copy.Sql}",
                        draft.Cancel
                    );
                    same = await draft.Connection.ScalarAsync<bool>(
                        "SELECT NOT EXISTS (SELECT FROM pg_attribute v JOIN pg_attribute c ON c.attrelid = "
                            + "$2::regclass AND c.attname = v.attname WHERE v.attrelid = $1::regclass AND "
                            + "v.attnum > 0 AND v.atttypid <> c.atttypid)",
                        draft.Cancel,
                        View,
                        copy.Sql
                    );
                },
                draft.Cancel
            ) && same;
    }
}
