using System.Text.Json.Nodes;
using Segue.Changes;
using Segue.Cli.Rendering;
using Segue.Cli.Running;
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
        if (change is not null && await ChangeDetails.ReadAsync(session.Engine.Ledger, change, cancel) is { } details)
        {
            new ChangeText(sheet).Write(details);
        }
        else
        {
            new StatusText(sheet).Write(await StandingsAsync(cancel));
        }
    }

    private async Task<JsonObject> JsonAsync(CancellationToken cancel) => StatusJson.Of(await StandingsAsync(cancel));

    private async Task<IReadOnlyList<Standing>> StandingsAsync(CancellationToken cancel)
    {
        Standings standings = new(session.Engine.Ledger);
        if (change is not null)
        {
            return [await standings.OneAsync(change, cancel)];
        }

        // A ledger can be looked at from anywhere: a missing directory only means that no file waits.
        IReadOnlyList<ChangeFile> files = new ChangeFiles(session.Project.Changes).List().Match(found => found, _ => []);
        return await standings.AllAsync(files, cancel);
    }
}
