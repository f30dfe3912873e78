using Segue.Conformance;
using Segue.Engines;
using Segue.Execution;
using Segue.Tests.Memory;

namespace Segue.Tests.Execution;

/// <summary>How long work that loses its server is entered again, and what counts as progress meanwhile.</summary>
public class ReconnectionTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Work_that_is_rolled_back_at_once_is_retried_twenty_times() =>
        TriesOf(() => new MemoryException(ErrorClass.Retry, "deadlock"), Second, succeedsAt: 100).ShouldBe(21);

    [Fact]
    public void Work_of_more_than_twenty_seconds_resets_the_count_of_retries() =>
        TriesOf(() => new MemoryException(ErrorClass.Retry, "deadlock"), 21 * Second, succeedsAt: 100).ShouldBe(100);

    [Fact]
    public void A_server_lost_repeatedly_ends_the_run_after_the_reconnection_time() =>
        TriesOf(MemoryException.Lost, Second, succeedsAt: 1000).ShouldBeInRange(5, 30);

    [Fact]
    public void Each_lost_connection_after_progress_gets_the_full_reconnection_time() =>
        TriesOf(MemoryException.Lost, 21 * Second, succeedsAt: 100).ShouldBe(100);

    [Fact]
    public void Silence_of_less_than_four_minutes_does_not_count_as_a_loss()
    {
        TriesOf(MemoryException.Silent, 21 * Second, succeedsAt: 100).ShouldBeInRange(2, 3);
        TriesOf(MemoryException.Silent, 241 * Second, succeedsAt: 20).ShouldBe(20);
    }

    [Theory]
    [InlineData(ErrorClass.Permanent)]
    [InlineData(ErrorClass.Rows)]
    [InlineData(ErrorClass.Resources)]
    [InlineData(ErrorClass.LeaseLost)]
    public void A_permanent_error_is_not_retried(ErrorClass kind) =>
        TriesOf(() => new MemoryException(kind, "no"), Second, succeedsAt: 100).ShouldBe(1);

    /// <summary>How often the work is entered until it succeeds, or is given up.</summary>
    private static int TriesOf(Func<MemoryException> error, TimeSpan took, int succeedsAt)
    {
        int tries = 0;
        VirtualTime.Run(async time =>
        {
            await using MemoryEngine engine = new(new MemoryDatabase(time));
            Reconnection reconnection = new(engine, Sessions.Options, time, _ => { });
            try
            {
                await reconnection.GuardAsync(WorkAsync, CancellationToken.None);
            }
            catch (MemoryException)
            {
                // Given up.
            }

            async Task<bool> WorkAsync()
            {
                tries++;
                await Task.Delay(took, time);
                return tries == succeedsAt ? true : throw error();
            }
        });
        return tries;
    }
}
