using System.CommandLine;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.Projects;
using Segue.Running;

namespace Segue.Cli.Running;

/// <summary>A verb by which a person decides about a change, with a confirmation.</summary>
internal sealed record Decision
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    public required string More { get; init; }

    public required IReadOnlyList<string> Examples { get; init; }

    /// <summary>What would happen, from the plan and the ledger's records of its steps.</summary>
    public required Func<Plan, IReadOnlyList<StepRecord>, string> Effect { get; init; }

    /// <summary>The question about the change of that name.</summary>
    public required Func<string, string> Question { get; init; }

    /// <summary>Options of this verb alone.</summary>
    public IReadOnlyList<Option> Own { get; init; } = [];

    public required Func<
        SegueTarget,
        string,
        ParseResult,
        IProgress<RunEvent>,
        CancellationToken,
        Task<RunOutcome>
    > Run { get; init; }

    public static Command Create(Host host, Decision decision)
    {
        Argument<string> change = CommonOptions.Change();
        Verb verb = new(decision.Name, decision.Description, decision.More, decision.Examples)
        {
            change,
            CommonOptions.Database,
            CommonOptions.Changes,
            CommonOptions.Output,
            CommonOptions.Reason,
            CommonOptions.Yes,
        };
        verb.Add(decision.Own);
        verb.Add(LimitOptions.Running);
        verb.OnDatabase(
            host,
            (session, parse, cancel) => decision.RunAsync(session, parse.GetRequiredValue(change), parse, cancel)
        );
        return verb;
    }

    private async Task<ExitCode> RunAsync(Session session, string wanted, ParseResult parse, CancellationToken cancel)
    {
        await session.Target.RepairLedgerAsync(cancel);
        return await session.WithChangeAsync(
            wanted,
            async change =>
                parse.GetValue(CommonOptions.Yes) || await AskAsync(session, change, cancel) is not { } failure
                    ? await RunToEndAsync(session, change, parse, cancel)
                    : session.Report.Fail(failure),
            cancel
        );
    }

    private async Task<Failure?> AskAsync(Session session, string change, CancellationToken cancel)
    {
        Plan? plan = (await session.Target.BegunPlanAsync(change, cancel)).Match<Plan?>(begun => begun, _ => null);
        string effect = plan is null
            ? ""
            : $"{Effect(plan, await session.Target.Engine.Records.Ledger.StepsAsync(change, cancel))} ";
        string question = $"Database {session.Target.Address}. {effect}{Question(change)}";
        return await Confirmation.AskAsync(session.Host, Name, question, cancel);
    }

    private static async Task<IEnumerable<string>> StagesAsync(
        Session session,
        string change,
        CancellationToken cancel
    ) => (await session.Target.BegunPlanAsync(change, cancel)).Match(ChangeRun.StagesOf, _ => []);

    private async Task<ExitCode> RunToEndAsync(
        Session session,
        string change,
        ParseResult parse,
        CancellationToken cancel
    )
    {
        ChangeRun run = new(session, change, Name == "complete" ? await StagesAsync(session, change, cancel) : []);
        return await Conclusion.FollowAsync(session, run, events => Run(session.Target, change, parse, events, cancel));
    }
}
