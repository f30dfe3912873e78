using Npgsql;
using Segue.Lab.Traffic;

namespace Segue.Bench;

/// <summary>What an app's sessions wait for, looked at again and again: tells what a slow moment is made of.</summary>
internal sealed class WaitSampler : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _ended = new();
    private readonly List<(TimeSpan At, string Waits)> _samples = [];
    private readonly Task _sampling;

    public WaitSampler(string connectionString, TrafficRun traffic) =>
        _sampling = SampleAsync(connectionString, traffic);

    /// <summary>Empty where none was taken, which is where the server did not answer either.</summary>
    public string At(TimeSpan from, TimeSpan to)
    {
        lock (_samples)
        {
            return string.Join(
                "; ",
                _samples.Where(sample => sample.At >= from && sample.At < to).Select(sample => sample.Waits)
            );
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _sampling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task SampleAsync(string connectionString, TrafficRun traffic)
    {
        await using NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync(_ended.Token);
        await using NpgsqlCommand waits = new(
            """
            SELECT coalesce(string_agg(format('%s %s', n, waits), ', ' ORDER BY n DESC), 'none at work') FROM (
              SELECT count(*) AS n, coalesce(wait_event_type || ':' || wait_event, 'on CPU') AS waits
                  FROM pg_stat_activity
              WHERE application_name LIKE 'shop-%' AND state <> 'idle' GROUP BY 2) AS sampled
            """,
            connection
        );
        await waits.PrepareAsync(_ended.Token);
        while (!_ended.IsCancellationRequested)
        {
            string sample = (string)(await waits.ExecuteScalarAsync(_ended.Token))!;
            lock (_samples)
            {
                _samples.Add((traffic.Elapsed, sample));
            }

            await Task.Delay(Every, _ended.Token);
        }
    }
}
