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
    public void What_is_rolled_back_at_once_is_tried_twenty_times() =>
        TriesOf(() => new MemoryException(ErrorClass.Retry, "deadlock"), Second, succeedsAt: 100).ShouldBe(21);

    [Fact]
    public void Work_of_more_than_twenty_seconds_made_progress_and_the_count_begins_anew() =>
        TriesOf(() => new MemoryException(ErrorClass.Retry, "deadlock"), 21 * Second, succeedsAt: 100).ShouldBe(100);

    [Fact]
    public void A_server_that_is_lost_again_and_again_is_given_up_when_the_time_to_reconnect_is_over() =>
        TriesOf(MemoryException.Lost, Second, succeedsAt: 1000).ShouldBeInRange(5, 30);

    [Fact]
    public void Each_loss_after_some_progress_has_all_the_time_to_reconnect() =>
        TriesOf(MemoryException.Lost, 21 * Second, succeedsAt: 100).ShouldBe(100);

    [Fact]
    public void Silence_is_no_progress_before_four_minutes()
    {
        TriesOf(MemoryException.Silent, 21 * Second, succeedsAt: 100).ShouldBeInRange(2, 3);
        TriesOf(MemoryException.Silent, 241 * Second, succeedsAt: 20).ShouldBe(20);
    }

    [Theory]
    [InlineData(ErrorClass.Permanent)]
    [InlineData(ErrorClass.Rows)]
    [InlineData(ErrorClass.Resources)]
    [InlineData(ErrorClass.LeaseLost)]
    public void What_does_not_pass_by_itself_is_not_tried_again(ErrorClass kind) =>
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
