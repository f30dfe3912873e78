using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// Asks the server on an empty copy what a statement does to the rows of a table: whether the table or an index gets
/// another file, or the table is read.
/// </summary>
/// <param name="relation">The copy, qualified and quoted.</param>
internal sealed class StatementCost(NpgsqlConnection connection, string relation)
{
    private const string Rewrites = "rewrite the table";
    public const string Reads = "read the whole table";
    private const string Builds = "rebuild an index";

    /// <summary>Runs it on the copy; null if it changes only the catalog.</summary>
    public async Task<string?> OfAsync(string statement, CancellationToken cancel)
    {
        HashSet<string> does = [];
        Dictionary<string, uint> before = await FilesAsync(cancel);
        await new ServerMessages(connection).HearAsync(
            statement,
            (work, _) => does.Add(work == ServerWork.Builds ? Builds : Reads),
            cancel
        );
        Dictionary<string, uint> after = await FilesAsync(cancel);
        foreach ((string name, uint file) in before)
        {
            if (after.GetValueOrDefault(name) != file)
            {
                does.Add(name == relation ? Rewrites : Builds);
            }
        }

        if (does.Contains(Rewrites))
        {
            does.Remove(Reads);
        }

        return does.Count == 0 ? null : string.Join(" and ", does.Order());
    }

    private async Task<Dictionary<string, uint>> FilesAsync(CancellationToken cancel) =>
        (
            await connection.QueryAsync(
                """
                SELECT $1, pg_relation_filenode($1::regclass)
                UNION ALL SELECT i.indexrelid::regclass::text, pg_relation_filenode(i.indexrelid) FROM pg_index i
                    WHERE i.indrelid = $1::regclass
                """,
                row => (row.GetString(0), row.GetFieldValue<uint>(1)),
                cancel,
                relation
            )
        ).ToDictionary();
}
