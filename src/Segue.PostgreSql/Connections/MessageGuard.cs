using System.Data;
using System.Globalization;
using Npgsql;

namespace Segue.PostgreSql.Connections;

/// <summary>
/// If a network stops in the middle of a message of several statements, the server waits for the rest of it, with the
/// locks of the statements that arrived. Most of its time limits do not count meanwhile (only that of a transaction,
/// since 17, does). So one session watches the others: a single statement runs for as long as the runner's session
/// lasts, and needs no network to end a session that waits for the rest of its message.
/// </summary>
internal sealed class MessageGuard(Database database)
{
    private const double SecondsBetweenLooks = 0.1;

    /// <summary>So many looks at the same incomplete message: about half a second.</summary>
    private const int Looks = 6;

    private const string Watching = "segue watches its messages";

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Returns when the server watches. The watch ends with <paramref name="runner"/>; where its own session is lost
    /// before, it begins again.
    /// </summary>
    public async Task BeginAsync(NpgsqlConnection runner, CancellationToken cancel)
    {
        string statement = Watch(
            await runner.ScalarAsync<string>(
                "SELECT format('a.pid = %s AND extract(epoch FROM a.backend_start) = %s', pid, "
                    + "extract(epoch FROM backend_start)) FROM pg_stat_activity WHERE pid = pg_backend_pid()",
                cancel
            ) ?? "false"
        );
        TaskCompletionSource watches = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task first = WatchAsync(statement, () => watches.TrySetResult());
        await (await Task.WhenAny(watches.Task, first)).WaitAsync(cancel);
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

    private async Task WatchAsync(string statement, Action watches)
    {
        await using NpgsqlConnection session = await database.OpenElsewhereAsync(CancellationToken.None);
        session.Notice += (_, said) =>
        {
            if (said.Notice.MessageText == Watching)
            {
                watches();
            }
        };
        await session.ExecuteLongAsync(statement, CancellationToken.None);
    }

    /// <summary>
    /// Between two statements of a message a session is active and waits for its client. The start of the last
    /// statement identifies the place in the message.
    /// </summary>
    private string Watch(string isRunner) =>
        Sql.Do(
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                DECLARE
                  looks jsonb := jsonb_build_object();
                BEGIN
                  SET LOCAL client_min_messages = notice;
                  RAISE NOTICE '{Watching}';
                  LOOP
                    COMMIT;
                    looks := (
                        SELECT coalesce(jsonb_object_agg(place, coalesce((looks ->> place)::int, 0) + 1),
                            jsonb_build_object())
                        FROM (SELECT format('%s %s', a.pid, a.query_start) AS place FROM pg_stat_activity a
                            WHERE a.datname = {Sql.Literal(database.Name)} AND a.usename = current_user
                              AND a.application_name = current_setting('application_name')
                              AND a.state = 'active' AND a.wait_event = 'ClientRead') AS incomplete);
                    PERFORM pg_terminate_backend(split_part(key, ' ', 1)::int)
                    FROM jsonb_each_text(looks) WHERE value::int >= {Looks};
                    EXIT WHEN looks = jsonb_build_object()
                        AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE {isRunner});
                    COMMIT;
                    PERFORM pg_sleep({SecondsBetweenLooks});
                  END LOOP;
                END
                """
            )
        );
}
