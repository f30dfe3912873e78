using Segue.Cli.Rendering;
using Segue.Cli.Running;
using Segue.Engines;
using Segue.Execution;
using Segue.Lab.Traffic;
using Segue.Planning;
using Segue.Projects;
using Segue.Running;
using Segue.Settings;

namespace Segue.Cli.Demo;

/// <summary>The demo from the server's start to its end.</summary>
internal sealed class Demonstration
{
    // The demo shows the road of a large table, however few rows it has.
    private static readonly PlanOptions Planning = new() { SmallTableBytes = 0 };

    // A share of a disk says little about a server that has one small table.
    private static readonly ThrottleSettings Throttle = new()
    {
        MinFreeDisk = new FreeDisk(Percent: null, Bytes: 256 << 20),
    };

    private readonly Host _host;
    private readonly DemoOptions _options;
    private readonly Sheet _remarks;
    private readonly RunJournal _journal;
    private readonly IDemoScreen _screen;
    private long _bytes;

    public Demonstration(Host host, DemoOptions options)
    {
        _host = host;
        _options = options;
        _remarks = new Sheet(host.Error, host.ErrorColumns);
        _journal = new RunJournal(
            options.Change.Name,
            Enum.GetValues<StageName>().Select(stage => Text.SnakeCase(stage)),
            host.Time
        );
        _screen = host.IsLive
            ? new LiveScreen(_journal, host.Error, host.Time)
            : new LineScreen(_journal, _remarks, host.Time);
    }

    /// <exception cref="Segue.Lab.LabException">There is no server.</exception>
    public async Task<Result<DemoResult>> RunAsync(CancellationToken cancel)
    {
        _remarks.Line(_options.Change.Headline, Ink.Strong);
        Shop? shop = null;
        try
        {
            await _screen.FollowAsync(async () =>
            {
                shop = await OpenAsync(cancel);
                await FillAsync(shop, cancel);
            });
            _options.Change.Write(shop!.ChangeDirectory);
            return await (await ConnectAsync(shop, cancel)).Match(
                target => WithTargetAsync(shop, target, cancel),
                failure => Task.FromResult<Result<DemoResult>>(failure)
            );
        }
        finally
        {
            if (shop is not null)
            {
                await shop.Server.DisposeAsync();
            }
        }
    }

    private async Task<Shop> OpenAsync(CancellationToken cancel)
    {
        _screen.Begin(_options.Major is { } major ? $"Getting PostgreSQL {major}" : "Getting PostgreSQL");
        Shop shop = await Shop.OpenAsync(_options, cancel);
        _screen.End($"{shop.Product} on 127.0.0.1:{shop.Server.Port}");
        return shop;
    }

    private async Task FillAsync(Shop shop, CancellationToken cancel)
    {
        string rows = Plain.Count(_options.Rows);
        _screen.Begin($"Filling orders with {rows} rows, keys and indexes");
        _bytes = await shop.FillAsync(cancel);
        _screen.End($"orders: {rows} rows, {Plain.Bytes(_bytes)} with indexes");
    }

    private async Task<Result<SegueTarget>> ConnectAsync(Shop shop, CancellationToken cancel)
    {
        SegueProject project = SegueProject
            .Open(
                Path.GetDirectoryName(shop.ChangeDirectory)!,
                settings => settings with { Changes = shop.ChangeDirectory, Plan = Planning, Throttle = Throttle }
            )
            .OrThrow();
        TargetOptions options = new() { Runner = "demo", Time = _host.Time };
        return (
            await project
                .Database(shop.Workload.ConnectionString, KnownEngines.All, options)
                .Match(request => _host.Connect(request, cancel), failure => Task.FromResult<Result<IEngine>>(failure))
        ).Match<Result<SegueTarget>>(engine => new SegueTarget(project, engine, null, options), failure => failure);
    }

    private async Task<Result<DemoResult>> WithTargetAsync(Shop shop, SegueTarget target, CancellationToken cancel)
    {
        await using SegueTarget owned = target;
        return await (await target.PlanAsync(_options.Change.Name, cancel)).Match(
            async shown =>
            {
                new ShortPlan(_remarks, _host.Error.Profile.Width).Write(shown.Plan);
                Result<DemoResult> result = null!;
                await _screen.FollowAsync(async () => result = await WithTrafficAsync(shop, target, shown, cancel));
                return result;
            },
            failure => Task.FromResult<Result<DemoResult>>(failure with { Kind = FailureKind.Failed })
        );
    }

    private async Task<Result<DemoResult>> WithTrafficAsync(
        Shop shop,
        SegueTarget target,
        PlannedChange shown,
        CancellationToken cancel
    )
    {
        _screen.Begin("Traffic before the change");
        await using TrafficRun traffic = await shop.OpenForBusinessAsync(_options, cancel);
        _screen.Watch(new TrafficWatch(traffic));
        Chronicle chronicle = new(traffic);
        await BaselineAsync(chronicle, cancel);
        if (
            await ChangeAsync(target, shown, new Deployment(traffic, shop.Workload, _options), chronicle, cancel) is
            { } failure
        )
        {
            return failure;
        }

        await AfterAsync(chronicle, cancel);
        await traffic.StopAsync();
        return await ProveAsync(shop, shown.Plan, traffic, chronicle, cancel);
    }

    private async Task BaselineAsync(Chronicle chronicle, CancellationToken cancel)
    {
        _screen.Say($"{OrdersWorkload.OldAppName}, which {_options.Change.OldApp}, makes {_options.Rate} requests/s");
        await PassAsync(_options.Times.WarmUp, cancel);
        chronicle.Enter(Chronicle.Baseline);
        await PassAsync(_options.Times.Baseline, cancel);
        _screen.End();
    }

    /// <returns>Null if it ran to the end.</returns>
    private async Task<Failure?> ChangeAsync(
        SegueTarget target,
        PlannedChange shown,
        Deployment deployment,
        Chronicle chronicle,
        CancellationToken cancel
    )
    {
        RunEvents events = new(happened =>
        {
            if (chronicle.Record(happened))
            {
                _screen.Show(happened);
            }
        });
        chronicle.Enter(Chronicle.Planning);
        RunOutcome outcome = await target.ApplyAsync(shown, events: events, cancel: cancel);
        if (outcome is RunOutcome.WaitingAtGate)
        {
            await DeployAsync(target, deployment, cancel);
            CompleteRequest soon = new() { QuietFor = _options.Times.NewAlone / 2 };
            outcome = await target.CompleteAsync(_options.Change.Name, soon, events: events, cancel: cancel);
        }

        cancel.ThrowIfCancellationRequested();
        _journal.End(outcome is RunOutcome.Completed);
        return outcome is RunOutcome.Completed
            ? null
            : Outcomes.FailureOf(outcome with { Next = [] }, _options.Change.Name)
                ?? new Failure(
                    FailureKind.Failed,
                    [new Problem(_options.Change.Name, $"it ended early: {outcome.GetType().Name}.", "")]
                );
    }

    private async Task DeployAsync(SegueTarget target, Deployment deployment, CancellationToken cancel)
    {
        _screen.Say(
            $"{OrdersWorkload.NewAppName}, which {_options.Change.NewApp}, takes half of the requests beside "
                + $"{OrdersWorkload.OldAppName}"
        );
        await deployment.BeginAsync(cancel);
        await PassAsync(_options.Times.SideBySide, cancel);
        await TryTooEarlyAsync(target, cancel);
        _screen.Say($"{OrdersWorkload.NewAppName} takes all requests, {OrdersWorkload.OldAppName} is stopped");
        await deployment.EndAsync();
        await PassAsync(_options.Times.NewAlone, cancel);
    }

    /// <summary>Shows what happens if somebody completes the change while old code still runs.</summary>
    private async Task TryTooEarlyAsync(SegueTarget target, CancellationToken cancel)
    {
        if (
            (await target.StatusAsync(_options.Change.Name, cancel)).OldWrites is not { } old
            || !old.Any(app => app.Breaks)
        )
        {
            return;
        }

        if (await target.CompleteAsync(_options.Change.Name, cancel: cancel) is RunOutcome.Refused refused)
        {
            _screen.Say($"segue complete refuses: {refused.Problems[0].What}");
        }
    }

    private async Task AfterAsync(Chronicle chronicle, CancellationToken cancel)
    {
        _screen.Begin("Traffic after the change");
        chronicle.Enter(Chronicle.After);
        await PassAsync(_options.Times.After, cancel);
        chronicle.End();
        _screen.End();
    }

    private async Task<Result<DemoResult>> ProveAsync(
        Shop shop,
        Plan plan,
        TrafficRun traffic,
        Chronicle chronicle,
        CancellationToken cancel
    )
    {
        _screen.Begin("Checking every row");
        Proof proof = await Proof.GatherAsync(_options.Change, shop.Workload, cancel);
        _screen.End(
            $"Checked every row: {Plain.Count(proof.Rows)} rows, {Plain.Count(proof.Wrong)} wrong, "
                + $"{Plain.Count(proof.Lost.Count)} writes lost"
        );
        return new DemoResult
        {
            Change = _options.Change,
            Rows = _options.Rows,
            Rate = _options.Rate,
            Server = shop.Product,
            Bytes = _bytes,
            Plan = plan,
            Stages = _journal.Stages,
            Findings = _journal.Findings,
            RowsPerSecond = chronicle.RowsPerSecond,
            Spans = chronicle.Spans,
            Traffic = DemoTraffic.Of(traffic, chronicle.Spans),
            Proof = proof,
            Kept = _options.Keep
                ? new KeptServer(
                    shop.Server.Url(Shop.Database),
                    shop.ChangeDirectory,
                    await shop.Server.LeaveRunningAsync()
                )
                : null,
        };
    }

    private Task PassAsync(TimeSpan time, CancellationToken cancel) => Task.Delay(time, _host.Time, cancel);
}
