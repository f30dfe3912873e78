using System.Text.Json;
using Segue.Backfill;
using Segue.Execution;
using Segue.Planning;

namespace Segue.Verification;

/// <summary>Asks every row in ranges sized by time, so that no scan holds an old snapshot for long.</summary>
internal sealed class VerifyExecutor(RunContext run)
{
    private const long FirstRange = 256;
    private const long LargestRange = 64 * 1024;
    private static readonly TimeSpan RangeTarget = TimeSpan.FromMilliseconds(250);

    public async Task<Verdict> RunAsync(VerifyStep step, CancellationToken cancel)
    {
        List<Finding> findings = [];
        foreach (VerifyCheck check in step.Checks)
        {
            Tally tally = check.WholeTable
                ? await run.Engine.Verifier.CompareAsync(run.Plan, check, new BlockRange(0, 0), cancel)
                : await ScanAsync(check, cancel);
            findings.Add(new Finding(check.Claim, check.Relation, tally.Compared, tally.Mismatches, tally.Samples, check.Remedy));
        }

        Verdict verdict = new(findings);
        run.Emit(new RunEvent.VerdictReached(verdict));
        return verdict;
    }

    public static string Evidence(Verdict verdict) => JsonSerializer.Serialize(verdict, JsonSerializerOptions.Web);

    private async Task<Tally> ScanAsync(VerifyCheck check, CancellationToken cancel)
    {
        Tally total = Tally.Empty;
        BatchSizer sizer = new(FirstRange, RangeTarget, LargestRange);
        long next = 0;
        while (true)
        {
            // Rows may move to new blocks while the scan runs: the end is where the table ends when the scan gets there.
            long end = await run.Engine.Verifier.BlocksAsync(check.Relation, cancel);
            if (next >= end)
            {
                return total;
            }

            BlockRange range = new(next, Math.Min(end, next + sizer.Blocks));
            long started = run.Time.GetTimestamp();
            total = total.Plus(await run.Engine.Verifier.CompareAsync(run.Plan, check, range, cancel));
            sizer.Observe(range.Blocks, run.Time.GetElapsedTime(started));
            next = range.End;
            run.Emit(new RunEvent.Verified(check.Relation, total.Compared, total.Mismatches));
        }
    }
}
