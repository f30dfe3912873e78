using System.Text.Json.Nodes;
using Segue.Changes.Files;
using Segue.Cli.Rendering;
using Segue.Cli.Running;
using Segue.Ledger;
using Spectre.Console;

namespace Segue.Cli.Status;

/// <summary>What <c>segue status</c> shows, once or again and again.</summary>
/// <param name="change">Null: all.</param>
internal sealed class StatusView(Session session, string? change)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    public async Task ShowAsync(CancellationToken cancel)
    {
        if (session.Report.IsJson)
        {
            session.Report.Document(await JsonAsync(cancel));
        }
        else
        {
            await WriteAsync(session.Report.Results, cancel);
        }
    }

    /// <summary>Until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await ShowAgainAsync(cancel);
                await Task.Delay(Every, session.Host.Time, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // That is how watching ends.
        }
    }

    private async Task ShowAgainAsync(CancellationToken cancel)
    {
        if (session.Report.IsJson)
        {
            session.Report.Raw((await JsonAsync(cancel)).ToJsonString());
            return;
        }

        IAnsiConsole console = session.Host.Out;
        if (console.Profile.Capabilities.Ansi)
        {
            console.Clear(home: true);
        }

        await WriteAsync(session.Report.Results, cancel);
    }

    private async Task WriteAsync(Sheet sheet, CancellationToken cancel)
    {
        IReadOnlyList<Standing> standings = await StandingsAsync(cancel);
        if (standings is [{ Steps: not null } one])
        {
            new ChangeText(sheet).Write(one);
        }
        else
        {
            new StatusText(sheet).Write(standings);
        }
    }

    private async Task<JsonObject> JsonAsync(CancellationToken cancel) => StatusJson.Of(await StandingsAsync(cancel));

    private async Task<IReadOnlyList<Standing>> StandingsAsync(CancellationToken cancel)
    {
        ILedgerReader ledger = session.Engine.Records.Ledger;

        // A ledger can be looked at from anywhere: without a directory nothing is said about files.
        IReadOnlyList<ChangeFile>? files = new ChangeFiles(session.Project.Changes)
            .List()
            .Match<IReadOnlyList<ChangeFile>?>(found => found, _ => null);
        IReadOnlyList<Standing> all = await new Standings(ledger).AllAsync(files, cancel);
        if (change is null)
        {
            return all;
        }

        Standing one = all.FirstOrDefault(standing => standing.Name == change) ?? Standings.Pending(change);
        return [await ChangeDetails.AddAsync(one, ledger, cancel) with { Next = NextCommands.Of(one, session.Hints) }];
    }
}
