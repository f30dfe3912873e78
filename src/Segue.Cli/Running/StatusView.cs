using System.Text.Json.Nodes;
using Segue.Cli.Status;
using Segue.Projects;
using Spectre.Console;

namespace Segue.Cli.Running;

/// <summary>What <c>segue status</c> shows, once or repeatedly.</summary>
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
            // Watching ends this way.
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
            new ChangeText(sheet, session.Hints).Write(one);
        }
        else
        {
            new StatusText(sheet).Write(standings);
        }
    }

    private async Task<JsonObject> JsonAsync(CancellationToken cancel) =>
        StatusJson.Of(await StandingsAsync(cancel), session.Hints);

    private async Task<IReadOnlyList<Standing>> StandingsAsync(CancellationToken cancel) =>
        change is null ? await session.Target.StatusAsync(cancel) : [await session.Target.DetailsAsync(change, cancel)];
}
