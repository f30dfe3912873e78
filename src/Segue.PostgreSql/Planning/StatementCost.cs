using Npgsql;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning;

/// <summary>
/// What a statement does to the rows of a table, asked of the server on an empty copy: whether it gives the table or an index another file, or reads the table, which it
/// says at message level <c>debug1</c>; by which routine of it is the same in every language.
/// </summary>
/// <param name="relation">The copy, qualified and quoted.</param>
internal sealed class StatementCost(NpgsqlConnection connection, string relation)
{
    private const string Rewrites = "rewrite the table";
    private const string Reads = "read the whole table";
    private const string Builds = "build an index again";

    private static readonly Dictionary<string, string> Routines = new()
    {
        ["ATRewriteTable"] = Reads,
        ["validateForeignKeyConstraint"] = Reads,
        ["index_build"] = Builds,
    };

    /// <summary>Runs it on the copy; null where it touches the catalog alone.</summary>
    public async Task<string?> OfAsync(string statement, CancellationToken cancel)
    {
        HashSet<string> does = [];
        Dictionary<string, uint> before = await FilesAsync(cancel);
        void Hear(object sender, NpgsqlNoticeEventArgs told)
        {
            // A first long type brings a TOAST table, whose index is as empty as that.
            bool isToast = told.Notice.MessageText.Contains("\"pg_toast_", StringComparison.Ordinal);
            if (!isToast && told.Notice.Routine is { } routine && Routines.TryGetValue(routine, out string? done))
            {
                does.Add(done);
            }
        }

        connection.Notice += Hear;
        try
        {
            await connection.ExecuteAsync("SET LOCAL client_min_messages = debug1", cancel);
            await connection.ExecuteAsync(statement, cancel);
            await connection.ExecuteAsync("SET LOCAL client_min_messages = warning", cancel);
        }
        finally
        {
            connection.Notice -= Hear;
        }

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

    private async Task<Dictionary<string, uint>> FilesAsync(CancellationToken cancel) => (await connection.QueryAsync(
        """
        SELECT $1, pg_relation_filenode($1::regclass)
        UNION ALL SELECT i.indexrelid::regclass::text, pg_relation_filenode(i.indexrelid) FROM pg_index i WHERE i.indrelid = $1::regclass
        """,
        row => (Name: row.GetString(0), File: row.GetFieldValue<uint>(1)), cancel, relation)).ToDictionary(each => each.Name, each => each.File);
}
