using Segue.Planning;
using Segue.PostgreSql.Catalog;
using LockModes = Segue.PostgreSql.Catalog.Locks;

namespace Segue.PostgreSql.Tests.Catalog;

/// <summary>Modes in their order, and waits that never make an app a deadlock's victim.</summary>
public class LockTests
{
    [Fact]
    public void Lock_modes_are_ordered_from_weak_to_strong()
    {
        LockModes.All.Select(LockModes.Strength).ShouldBe(Enumerable.Range(0, 8));
        LockModes.Strongest([LockModes.RowExclusive, LockModes.Share, LockModes.AccessShare]).ShouldBe(LockModes.Share);
    }

    [Theory]
    [InlineData(LockModes.RowExclusive, Blocks.Nothing)]
    [InlineData(LockModes.ShareUpdateExclusive, Blocks.Nothing)]
    [InlineData(LockModes.Share, Blocks.Writes)]
    [InlineData(LockModes.ShareRowExclusive, Blocks.Writes)]
    [InlineData(LockModes.Exclusive, Blocks.Writes)]
    [InlineData(LockModes.AccessExclusive, Blocks.ReadsAndWrites)]
    public void A_lock_mode_blocks_the_modes_it_conflicts_with(string mode, Blocks blocks) =>
        LockModes.On("orders", mode).Blocks.ShouldBe(blocks);

    [Theory]
    [InlineData(1000, 200, 25, 1500)]
    [InlineData(100, 50, 25, 150)]
    [InlineData(20, 10, 10, 30)]
    [InlineData(1, 1, 1, 1)]
    public void Waits_end_before_an_app_that_waits_looks_for_a_deadlock(
        int deadlockTimeout,
        int lockTimeout,
        int rowLockTimeout,
        int patient
    )
    {
        Limits limits = LockLimits.Under(Limits.Default, deadlockTimeout);

        (limits.LockTimeoutMs, limits.RowLockTimeoutMs, limits.PatientLockTimeoutMs).ShouldBe(
            (lockTimeout, rowLockTimeout, patient)
        );
    }
}
