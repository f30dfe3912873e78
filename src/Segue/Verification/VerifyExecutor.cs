using System.Text.Json;
using Segue.Backfill;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;
using Segue.Throttling;

namespace Segue.Verification;

/// <summary>Checks every row, in ranges that are paced like batches of a fill.</summary>
internal sealed class VerifyExecutor(RunContext run)
{
    public async Task<Verdict> RunAsync(VerifyStep step, CancellationToken cancel)
    {
        await using Throttle throttle = new(run, [run.Execution.Activity]);
        Dictionary<VerifyCheck, Tally> tallies = new(ReferenceEqualityComparer.Instance);
        foreach (VerifyScan scan in VerifyScan.Of(step))
        {
            IReadOnlyList<Tally> scanned = await new PacedScan(run, throttle, scan).RunAsync(cancel);
            foreach ((VerifyCheck check, Tally tally) in scan.Checks.Zip(scanned))
            {
                tallies[check] = tally;
            }
        }

        foreach (VerifyCheck check in step.Checks.Where(check => check.WholeTable))
        {
            await new Pause(run).WaitAsync(cancel);
            await throttle.WaitUntilClearAsync(cancel);

            // A check of the whole table would end at the first row that raises an error, without its key.
            tallies[check] = tallies.Values.Any(tally => tally.Failed.Count > 0)
                ? Tally.Empty
                : await run.Execution.Verifier.CompareWholeAsync(
                    run.Plan,
                    check,
                    throttle.RestAfter(TimeSpan.FromSeconds(1)).TotalSeconds,
                    cancel
                );
        }

        Verdict verdict = new([.. step.Checks.Select(check => Found(check, tallies[check]))]);
        run.Emit(new RunEvent.VerdictReached(verdict));
        return verdict;
    }

    public static string Evidence(Verdict verdict) => JsonSerializer.Serialize(verdict, JsonSerializerOptions.Web);

    private static Finding Found(VerifyCheck check, Tally tally) =>
        new(check.Claim, check.Relation, tally.Compared, tally.Mismatches, tally.Samples, check.Remedy)
        {
            Failed = tally.Failed,
            NamesByPlace = tally.NamesByPlace,
        };
}
