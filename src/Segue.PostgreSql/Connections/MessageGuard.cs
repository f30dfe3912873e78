using System.Data;
using System.Globalization;
using Npgsql;

namespace Segue.PostgreSql.Connections;

/// <summary>
/// If a network stops in the middle of a message of several statements, the server waits for the rest of it, with the
/// locks of the statements that arrived. Most of its time limits do not count meanwhile (only that of a transaction,
/// since 17, does). So one session watches the others: a single statement runs for as long as the runner's session
/// lasts, and needs no network to end a session that makes others wait while it waits for the network.
/// </summary>
internal sealed class MessageGuard(Database database)
{
    private const double SecondsBetweenLooks = 0.1;

    /// <summary>At the same place of a message, while somebody waits for its locks: about half a second.</summary>
    private const int Looks = 6;

    /// <summary>
    /// While nobody waits: about 15 s. On a slow network the rest of a message may take long, but not that long.
    /// </summary>
    private const int MostLooks = 150;

    private const string Watching = "The guard watches.";

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    /// <summary>A server that has not said by then that it watches is lost.</summary>
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Returns when the server watches. The watch ends with <paramref name="runner"/>; where its own session is lost
    /// before, it begins again.
    /// </summary>
    public async Task BeginAsync(NpgsqlConnection runner, CancellationToken cancel)
    {
        string statement = Watch(runner.ProcessID);
        TaskCompletionSource watches = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task first = WatchAsync(statement, () => watches.TrySetResult());
        await Task.WhenAny(watches.Task, first).Unwrap().WaitAsync(LongestStart, database.Time, cancel);
        _ = AgainAsync(first, statement, runner);
    }

    private async Task AgainAsync(Task watch, string statement, NpgsqlConnection runner)
    {
        while (runner.State == ConnectionState.Open)
        {
            try
            {
                await watch;
                return;
            }
            catch (Exception error) when (error is NpgsqlException or ObjectDisposedException)
            {
                // The runner itself reports what happened to the server, and goes on or ends.
                await Task.Delay(BetweenTries, database.Time);
                watch = WatchAsync(statement, () => { });
            }
        }
    }

    /// <summary>
    /// In another database of the server the watch's snapshots keep no row versions of this one. In this one, where
    /// that cannot be reached or cannot watch.
    /// </summary>
    private async Task WatchAsync(string statement, Action watches)
    {
        bool began = false;
        try
        {
            await WatchAsync(await database.OpenElsewhereAsync(CancellationToken.None));
        }
        catch (NpgsqlException) when (!began)
        {
            await WatchAsync(await database.OpenOwnAsync(CancellationToken.None));
        }

        async Task WatchAsync(NpgsqlConnection opened)
        {
            await using NpgsqlConnection session = opened;
            session.Notice += (_, notice) =>
            {
                if (notice.Notice.MessageText == Watching)
                {
                    began = true;
                    watches();
                }
            };

            // The sessions are those of the role that logged in, whatever role they act as.
            await session.ExecuteAsync("SET ROLE NONE", CancellationToken.None);
            await session.ExecuteLongAsync(statement, CancellationToken.None);
        }
    }

    /// <summary>
    /// Between two statements of a message a session is active and waits for its client. The start of the last
    /// statement identifies the place in the message. What the watch needs is tried before it says that it began.
    /// </summary>
    private string Watch(int runner) =>
        Sql.Do(
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                DECLARE
                  looks jsonb := jsonb_build_object();
                BEGIN
                  SET LOCAL client_min_messages = notice;
                  PERFORM pg_sleep(pid), pg_terminate_backend(pid), pg_blocking_pids(pid)
                  FROM (SELECT 0 AS pid WHERE clock_timestamp() IS NULL) AS nobody;
                  RAISE NOTICE '{Watching}';
                  LOOP
                    COMMIT;
                    looks := (
                        SELECT coalesce(jsonb_object_agg(place, coalesce((looks ->> place)::int, 0) + 1),
                            jsonb_build_object())
                        FROM (SELECT format('%s %s', pid, query_start) AS place FROM pg_stat_activity
                            WHERE datname = {Sql.Literal(database.Name)} AND usename = session_user
                              AND application_name = current_setting('application_name')
                              AND state = 'active' AND wait_event IN ('ClientRead', 'ClientWrite')
                              AND query !~* '^\s*copy\M') AS incomplete);
                    PERFORM pg_terminate_backend(session)
                    FROM (SELECT split_part(key, ' ', 1)::int AS session, value::int AS seen
                        FROM jsonb_each_text(looks)) AS incomplete
                    WHERE seen >= {MostLooks} OR seen >= {Looks} AND EXISTS (
                      SELECT FROM pg_locks WHERE NOT granted AND session = ANY (pg_blocking_pids(pid)));
                    EXIT WHEN looks = jsonb_build_object()
                        AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = {runner});
                    COMMIT;
                    PERFORM pg_sleep({SecondsBetweenLooks});
                  END LOOP;
                END
                """
            )
        );
}
