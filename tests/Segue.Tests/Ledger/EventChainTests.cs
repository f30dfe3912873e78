using Segue.Ledger;

namespace Segue.Tests.Ledger;

public sealed class EventChainTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.FromHours(2));

    [Fact]
    public void An_unaltered_chain_of_events_is_whole() => EventChain.FirstBroken(Chain()).ShouldBeNull();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void An_altered_event_is_detected(int index)
    {
        LedgerEvent[] chain = Chain();
        chain[index] = chain[index] with { Message = "something else" };

        EventChain.FirstBroken(chain).ShouldBe(chain[index]);
    }

    [Fact]
    public void A_removed_event_is_detected()
    {
        LedgerEvent[] chain = Chain();

        EventChain.FirstBroken([chain[0], chain[2]]).ShouldBe(chain[2]);
    }

    [Fact]
    public void An_event_altered_with_its_hash_breaks_the_next_link()
    {
        LedgerEvent[] chain = Chain();
        LedgerEvent forged = chain[0] with { Message = "something else" };
        chain[0] = forged with { Hash = EventChain.HashOf(forged) };

        EventChain.FirstBroken(chain).ShouldBe(chain[1]);
    }

    private static LedgerEvent[] Chain()
    {
        List<LedgerEvent> events = [];
        foreach (string? change in (string?[])["0001_a", null, "0001_a"])
        {
            LedgerEvent entry = new(events.Count + 1, At.AddMicroseconds(events.Count), change, "running", "expand", "")
            {
                PreviousHash = events.Count == 0 ? "" : events[^1].Hash,
            };
            events.Add(entry with { Hash = EventChain.HashOf(entry) });
        }

        return [.. events];
    }
}
