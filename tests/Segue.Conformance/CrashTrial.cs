using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Shouldly;

namespace Segue.Conformance;

/// <summary>One life of a change in which the n-th call goes wrong.</summary>
internal sealed class CrashTrial
{
    private const int Rows = 300;

    private readonly IEngineTarget _target;
    private readonly IReadOnlyList<string> _before;
    private readonly int _at;
    private readonly string _name;

    private CrashTrial(IEngineTarget target, int at, IReadOnlyList<string> before) =>
        (_target, _at, _before, _name) = (target, at, before, $"{at:D4}_sample");

    /// <summary>False when the run was over before its n-th call.</summary>
    public bool Struck { get; private set; }

    public static async Task<CrashTrial> PrepareAsync(IEngineTarget target, int at)
    {
        await target.CreateItemsAsync(Rows);
        return new CrashTrial(target, at, await target.SchemaAsync());
    }

    public async Task<RunOutcome> ApplyAsync(Runner runner)
    {
        await using IEngine planner = _target.Open();
        return await runner.ApplyAsync(planner, SampleChanges.ColumnAndIndex, name: _name);
    }

    public Task<RunOutcome> CompleteAsync(Runner runner) => runner.CompleteAsync(_name, CancellationToken.None);

    public Task<RunOutcome> RollbackAsync(Runner runner) => runner.RollbackAsync(_name, CancellationToken.None);

    public async Task ReachGateAsync() => (await UntouchedAsync(ApplyAsync)).ShouldBeOfType<RunOutcome.WaitingAtGate>();

    /// <summary>The process that does the work dies in it; what it would have done next is nobody's to see.</summary>
    public Task DieAsync(Func<Runner, Task> work) =>
        StrikeAsync(
            Fault.Death,
            async runner =>
            {
                try
                {
                    await work(runner);
                }
                catch (ObjectDisposedException)
                {
                    // Dead.
                }
            }
        );

    public async Task StrikeAsync(Fault fault, Func<Runner, Task> work)
    {
        Faults faults = new(_at, fault, _target);
        await using FaultyEngine engine = new(_target.Open(), faults);
        try
        {
            await work(_target.Runner(engine));
        }
        catch (Exception error) when (faults.Struck is not null)
        {
            throw new InvalidOperationException($"{fault} at call {_at}, {faults.Struck}: {error.Message}", error);
        }

        Struck = faults.Struck is not null;
    }

    /// <summary>As a person does after a crash: the same command again.</summary>
    public async Task FinishAsync()
    {
        if (await UntouchedAsync(ApplyAsync) is not RunOutcome.Completed)
        {
            (await UntouchedAsync(CompleteAsync)).ShouldBeOfType<RunOutcome.Completed>();
        }

        await ShouldBeFinishedAsync();
    }

    public async Task TakeBackAsync()
    {
        await using IEngine engine = _target.Open();
        bool isKnown =
            await engine.Records.Ledger.ExistsAsync(default)
            && await engine.Records.Ledger.FindAsync(_name, default) is not null;
        if (isKnown)
        {
            (await UntouchedAsync(RollbackAsync)).ShouldBeOfType<RunOutcome.RolledBack>();
        }

        await ShouldBeAsBeforeAsync();
    }

    public async Task ShouldBeAsBeforeAsync()
    {
        (await _target.SchemaAsync()).ShouldBe(_before);
        (await _target.LeftoversAsync()).ShouldBeEmpty();
    }

    public async Task ShouldBeFinishedAsync()
    {
        await using IEngine engine = _target.Open();
        (await engine.Records.Ledger.FindAsync(_name, default))!.Status.ShouldBe(ChangeStatus.Completed);
        (await engine.Records.Ledger.StepsAsync(_name, default)).ShouldAllBe(step => step.State == StepState.Done);
        (await _target.WrongAsync()).ShouldBe(0);
        (await _target.LeftoversAsync()).ShouldBeEmpty();
        _before.Except(await _target.SchemaAsync()).ShouldBeEmpty();
    }

    private async Task<RunOutcome> UntouchedAsync(Func<Runner, Task<RunOutcome>> work)
    {
        await using IEngine engine = _target.Open();
        return await work(_target.Runner(engine));
    }
}
