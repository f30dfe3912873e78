using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// Finds the work of a statement that grows with a table, on its empty copy: by replaced files, and by the server's
/// messages at <c>debug1</c>.
/// </summary>
internal sealed class MeasuredWork(NpgsqlConnection connection, IReadOnlyDictionary<string, Table> originals)
{
    private readonly HashSet<(string Copy, Cost Cost)> _done = [];
    private readonly List<string> _aboutConstraints = [];
    private readonly List<string> _skipped = [];

    /// <summary>Constraints made the server's scan for rows of a new partition unnecessary.</summary>
    public bool Skipped(string copy) =>
        _skipped.Any(message => message.Contains($"\"{copy}\"", StringComparison.Ordinal));

    /// <param name="empties">It gives the table a new file because it deletes all rows.</param>
    public async Task<IReadOnlyList<RelationWork>> OfAsync(string statement, bool empties, CancellationToken cancel)
    {
        Dictionary<string, uint> before = await FilesAsync(cancel);
        connection.Notice += HearSkipped;
        await new ServerMessages(connection).HearAsync(statement, Hear, cancel);
        connection.Notice -= HearSkipped;
        Dictionary<string, uint> after = await FilesAsync(cancel);
        foreach (
            (string copy, _) in before.Where(each =>
                !empties && after.TryGetValue(each.Key, out uint now) && now != each.Value
            )
        )
        {
            _done.RemoveWhere(each => each.Copy == copy);
            _done.Add((copy, Cost.Rewrite));
        }

        foreach ((string copy, string constraint) in _aboutConstraints.Count == 0 ? [] : await ForeignKeysAsync(cancel))
        {
            _done.UnionWith(
                _aboutConstraints.Any(message => message.Contains($"\"{constraint}\"", StringComparison.Ordinal))
                    ? [(copy, Cost.Scan)]
                    : Array.Empty<(string, Cost)>()
            );
        }

        // Emptied tables have empty indexes.
        return
        [
            .. _done
                .Where(each => !empties || each.Cost != Cost.Build)
                .OrderBy(each => each.Copy, StringComparer.Ordinal)
                .ThenByDescending(each => each.Cost)
                .Select(each => On(originals[each.Copy], each.Cost)),
        ];
    }

    private void HearSkipped(object sender, NpgsqlNoticeEventArgs told) =>
        _skipped.AddRange(
            told.Notice.Routine == "check_default_partition_contents"
                ? [told.Notice.MessageText]
                : Array.Empty<string>()
        );

    private void Hear(ServerWork work, string message)
    {
        string[] named = [.. originals.Keys.Where(copy => message.Contains($"\"{copy}\"", StringComparison.Ordinal))];
        _done.UnionWith(named.Select(copy => (copy, work == ServerWork.Builds ? Cost.Build : Cost.Scan)));
        _aboutConstraints.AddRange(named.Length == 0 ? [message] : Array.Empty<string>());
    }

    /// <summary>Its heirs have work of their own.</summary>
    public static RelationWork On(Table table, Cost cost) =>
        Of(table.IsPartitioned ? table : table with { Partitions = [] }, cost);

    private static RelationWork Of(Table table, Cost cost) =>
        cost switch
        {
            Cost.Rewrite => new RelationWork(
                table.Sql,
                cost,
                "rewrites the table and its indexes",
                Estimates.Rewrite(table)
            ),
            Cost.Build => new RelationWork(table.Sql, cost, "builds an index", Estimates.Build(table)),
            _ => new RelationWork(table.Sql, cost, "reads every row", Estimates.Scan(table)),
        };

    private Task<IReadOnlyList<(string Copy, string Constraint)>> ForeignKeysAsync(CancellationToken cancel) =>
        connection.QueryAsync(
            "SELECT c.relname::text, k.conname::text FROM pg_constraint k JOIN pg_class c ON c.oid = "
                + "k.conrelid WHERE k.contype = 'f' AND c.relnamespace = pg_my_temp_schema()",
            row => (row.GetString(0), row.GetString(1)),
            cancel
        );

    private async Task<Dictionary<string, uint>> FilesAsync(CancellationToken cancel) =>
        (
            await connection.QueryAsync(
                "SELECT c.relname::text, pg_relation_filenode(c.oid) FROM pg_class c WHERE c.relnamespace "
                    + "= pg_my_temp_schema() AND c.relkind = 'r'",
                row => (row.GetString(0), row.GetFieldValue<uint>(1)),
                cancel
            )
        ).ToDictionary();
}
