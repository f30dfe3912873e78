using Segue.Engines;
using Segue.Ledger;
using Shouldly;
using Xunit;

namespace Segue.Conformance;

/// <summary>One runner at a time, whatever becomes of it.</summary>
public abstract class LeaseConformance(IEngineHarness harness)
{
    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(50);

    [Fact]
    public Task A_second_runner_gets_the_name_of_the_lease_holder() =>
        harness.RunAsync(async target =>
        {
            await using IEngine first = target.Open();
            await using IEngine second = target.Open();
            Lease lease = await first.AcquireAsync();

            (Lease? none, LeaseHolder? holder) = await TryAsync(second);

            none.ShouldBeNull();
            (holder!.Token, holder.Runner, holder.IsAlive).ShouldBe((lease.Token, "test", true));
        });

    [Fact]
    public Task A_released_lease_is_free_at_once() =>
        harness.RunAsync(async target =>
        {
            await using IEngine first = target.Open();
            await using IEngine second = target.Open();
            await first.Records.Leases.ReleaseAsync(await first.AcquireAsync(), CancellationToken.None);

            (await TryAsync(second)).Lease.ShouldNotBeNull();
        });

    [Fact]
    public Task The_lease_of_an_ended_process_is_free_before_it_expires() =>
        harness.RunAsync(async target =>
        {
            await using (IEngine first = target.Open())
            {
                await first.AcquireAsync(TimeSpan.FromHours(1));
            }

            await using IEngine second = target.Open();
            await target.UntilAsync("the lease is free", async () => (await TryAsync(second)).Lease is not null);
        });

    [Fact]
    public Task An_expired_lease_goes_to_the_next_runner_and_cannot_be_renewed() =>
        harness.RunAsync(async target =>
        {
            await using IEngine first = target.Open();
            await using IEngine second = target.Open();
            Lease lost = await first.AcquireAsync(Brief);
            await target.UntilAsync("the lease runs out", async () => (await TryAsync(second)).Lease is not null);

            (await first.Records.Leases.RenewAsync(lost, Brief, CancellationToken.None)).ShouldBeFalse();
            (await first.Records.Leases.HolderAsync(CancellationToken.None))!.Token.ShouldNotBe(lost.Token);
            await first.Records.Leases.ReleaseAsync(lost, CancellationToken.None);
            (await second.Records.Leases.HolderAsync(CancellationToken.None))!.IsAlive.ShouldBeTrue();
        });

    [Fact]
    public Task A_renewed_lease_stays_valid() =>
        harness.RunAsync(async target =>
        {
            await using IEngine first = target.Open();
            Lease lease = await first.AcquireAsync(Brief);

            (
                await first.Records.Leases.RenewAsync(lease, TimeSpan.FromMinutes(1), CancellationToken.None)
            ).ShouldBeTrue();

            await Task.Delay(Brief * 2, target.Time);
            await using IEngine second = target.Open();
            (await TryAsync(second)).Lease.ShouldBeNull();
        });

    private static Task<(Lease? Lease, LeaseHolder? Holder)> TryAsync(IEngine engine) =>
        engine.Records.Leases.TryAcquireAsync("test", TimeSpan.FromMinutes(1), CancellationToken.None);
}
