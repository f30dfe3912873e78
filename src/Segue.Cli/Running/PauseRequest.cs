using System.CommandLine;
using Segue.Cli.Status;

namespace Segue.Cli.Running;

/// <summary>A verb that asks a runner, wherever it is, to pause or to continue.</summary>
internal sealed record PauseRequest
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    public required string More { get; init; }

    /// <summary>True to pause, false to continue.</summary>
    public required bool Pauses { get; init; }

    /// <summary>The confirmation of the request.</summary>
    public required Func<Hints, string, string> Answer { get; init; }

    public static Command Create(Host host, PauseRequest request)
    {
        Argument<string> change = CommonOptions.Change();
        Verb verb = new(request.Name, request.Description, request.More, $"segue {request.Name} 0007_orders_currency")
        {
            change,
            CommonOptions.Database,
            CommonOptions.Changes,
            CommonOptions.Output,
            CommonOptions.Reason,
        };
        verb.OnDatabase(
            host,
            (session, parse, cancel) => request.SendAsync(session, parse.GetRequiredValue(change), cancel)
        );
        return verb;
    }

    private async Task<ExitCode> SendAsync(Session session, string wanted, CancellationToken cancel) =>
        await session.WithChangeAsync(wanted, change => SendToAsync(session, change, cancel), cancel);

    private async Task<ExitCode> SendToAsync(Session session, string change, CancellationToken cancel) =>
        (
            Pauses
                ? await session.Target.PauseAsync(change, cancel: cancel)
                : await session.Target.ResumeAsync(change, cancel: cancel)
        ).Match(
            standing =>
            {
                if (session.Report.IsJson)
                {
                    session.Report.Document(StatusJson.Of([standing], session.Hints));
                }
                else
                {
                    session.Report.Results.Line(Answer(session.Hints, change));
                }

                return ExitCode.Done;
            },
            session.Report.Fail
        );
}
