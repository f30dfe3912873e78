using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// The server's own messages, at level <c>debug1</c>, about work that grows with a table. They are recognized by the
/// server's routines, whose names are the same in every language.
/// </summary>
internal sealed class ServerMessages(NpgsqlConnection connection)
{
    private static readonly Dictionary<string, ServerWork> Routines = new()
    {
        ["ATRewriteTable"] = ServerWork.Reads,
        ["validateForeignKeyConstraint"] = ServerWork.Reads,
        ["index_build"] = ServerWork.Builds,
    };

    /// <summary>Runs it within the caller's transaction.</summary>
    public async Task HearAsync(string statement, Action<ServerWork, string> hear, CancellationToken cancel)
    {
        void Hear(object sender, NpgsqlNoticeEventArgs told)
        {
            // The first long type creates a TOAST table, whose index is as empty as that.
            bool isToast = told.Notice.MessageText.Contains("\"pg_toast_", StringComparison.Ordinal);
            if (!isToast && told.Notice.Routine is { } routine && Routines.TryGetValue(routine, out ServerWork work))
            {
                hear(work, told.Notice.MessageText);
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
    }
}

internal enum ServerWork
{
    Reads,
    Builds,
}
