using Segue.Cli.Status;
using Segue.Ledger;

namespace Segue.Cli.Running;

/// <summary>Asks a runner, wherever it is, to pause or to go on.</summary>
internal static class PauseRequest
{
    public static async Task<ExitCode> SendAsync(Session session, string wanted, bool paused, CancellationToken cancel) =>
        await (await ChangeNames.ResolveAsync(session, wanted, cancel)).Match(
            change => SendToAsync(session, change, paused, cancel),
            failure => Task.FromResult(session.Report.Fail(failure)));

    private static async Task<ExitCode> SendToAsync(Session session, string change, bool paused, CancellationToken cancel)
    {
        ILedger ledger = session.Engine.Ledger;
        ChangeRecord? record = await ledger.ExistsAsync(cancel) ? await ledger.FindAsync(change, cancel) : null;
        if (record is null or { Status: ChangeStatus.Completed or ChangeStatus.RolledBack })
        {
            string standing = record is null ? "it was not begun on this database" : $"it is {Text.SnakeCase(record.Status)}";
            return session.Report.Fail(Failure.BadInput(change, $"{standing}: there is nothing to {(paused ? "pause" : "resume")}.", ""));
        }

        await ledger.RequestPauseAsync(change, paused, cancel);
        if (session.Report.IsJson)
        {
            session.Report.Document(StatusJson.Of([await new Standings(ledger).OneAsync(change, cancel)]));
        }
        else
        {
            session.Report.Results.Line(paused
                ? $"{change} pauses at its next batch. `{session.Hints.Resume(change)}` goes on."
                : $"{change} goes on. If its runner is gone: `{session.Hints.Apply(change)}`.");
        }

        return ExitCode.Done;
    }
}
