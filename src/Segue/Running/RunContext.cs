using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Running;

/// <summary>Everything an executor needs while one plan runs under one lease.</summary>
internal sealed record RunContext
{
    public required IRecords Records { get; init; }

    public required IExecution Execution { get; init; }

    public required Plan Plan { get; init; }

    public required Lease Lease { get; init; }

    public required RunOptions Options { get; init; }

    public required TimeProvider Time { get; init; }

    public required Action<RunEvent> Emit { get; init; }

    public Task DelayAsync(TimeSpan delay, CancellationToken cancel) => Task.Delay(delay, Time, cancel);

    public async Task<Dictionary<string, StepRecord>> RecordsAsync(CancellationToken cancel) =>
        (await Records.Ledger.StepsAsync(Plan.Change, cancel)).ToDictionary(record => record.Id);

    public Task SetStepAsync(string step, StepState state, string? detail, CancellationToken cancel) =>
        Records.Ledger.SetStepAsync(Plan.Change, step, state, detail, Lease, cancel);

    /// <summary>Records the new state of a kept object, for a step whose record does not commit with it.</summary>
    public Task KeepAsync(Step step, string ledgerStep, CancellationToken cancel) =>
        !step.RecordCommitsWithIt && RetentionEntry.Of(Plan, step, ledgerStep) is { } entry
            ? Records.Ledger.SetRetentionAsync(Plan.Change, ledgerStep, entry, Lease, cancel)
            : Task.CompletedTask;

    public Task SetStatusAsync(ChangeProgress progress, CancellationToken cancel) =>
        Records.Ledger.SetStatusAsync(Plan.Change, progress, Lease, cancel);

    /// <summary>
    /// Between half and one and a half of the delay, so that repeated attempts do not synchronize with an app.
    /// </summary>
    public static TimeSpan Jittered(TimeSpan delay) => delay * (0.5 + Random.Shared.NextDouble());
}
