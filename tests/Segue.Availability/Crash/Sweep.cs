using System.Text.RegularExpressions;
using Segue.Conformance;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.PostgreSql;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.Availability.Crash;

/// <summary>The same change again and again, each time with the next call going wrong.</summary>
internal sealed class Sweep : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly TrialChange _change;

    private Sweep(TestDatabase database, TrialChange change) => (_database, _change) = (database, change);

    public static async Task<Sweep> OpenAsync(string about)
    {
        TestDatabase database = await Postgres.DatabaseAsync(Postgres.Majors[^1]);
        await database.ExecuteAsync(
            "CREATE TABLE currencies (code char(3) PRIMARY KEY); INSERT INTO currencies VALUES ('USD'), ('EUR')"
        );
        return new Sweep(database, TrialChanges.Of(about));
    }

    /// <summary>Until nothing is left to go wrong.</summary>
    /// <param name="first">The first call that goes wrong.</param>
    /// <param name="every">2: every other call only. The quick tier takes a fifth of them by turns; with
    /// SEGUE_TEST_EVERY_CALL in the environment it is every one.</param>
    /// <returns>How many calls there were to go wrong.</returns>
    public async Task<int> RunAsync(Func<Trial, Task> trial, int first = 1, int every = 1)
    {
        (first, every) = Environment.GetEnvironmentVariable("SEGUE_TEST_EVERY_CALL") is { Length: > 0 }
            ? (1, 1)
            : Rotation.Spread(first, every);
        for (int at = first; ; at += every)
        {
            Trial next = await Trial.PrepareAsync(_database, _change, at);
            await trial(next);
            if (!next.Struck)
            {
                (await _database.ScalarAsync<long>("SELECT count(*) FROM segue.history WHERE NOT unaltered")).ShouldBe(
                    0
                );
                return at - 1;
            }
        }
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}

/// <summary>One life of a change in which the n-th call goes wrong.</summary>
internal sealed class Trial : IFaultyServer
{
    private readonly TestDatabase _database;
    private readonly int _at;
    private readonly TrialChange _kind;
    private readonly string _change;
    private readonly IReadOnlyList<string> _before;

    private Trial(TestDatabase database, TrialChange change, int at, IReadOnlyList<string> before)
    {
        _database = database;
        _kind = change;
        _at = at;
        _change = $"{at:D4}_currency";
        _before = before;
    }

    /// <summary>False when the run was over before its n-th call.</summary>
    public bool Struck { get; private set; }

    public static async Task<Trial> PrepareAsync(TestDatabase database, TrialChange change, int at)
    {
        await database.ExecuteAsync(change.Setup);
        return new Trial(database, change, at, await Catalog.OfAsync(database));
    }

    public async Task<RunOutcome> ApplyAsync(Runner runner)
    {
        await using PostgresEngine planner = _database.Engine();
        return await runner.ApplyAsync(
            planner,
            TestDatabase.Read(_kind.Yaml, _change),
            new PlanOptions { SmallTableBytes = 0 },
            new ApplyRequest { Origin = new ChangeOrigin(null, null, "test") }
        );
    }

    public Task<RunOutcome> CompleteAsync(Runner runner) => runner.CompleteAsync(_change, CancellationToken.None);

    public Task<RunOutcome> RollbackAsync(Runner runner) => runner.RollbackAsync(_change, CancellationToken.None);

    public Task<RunOutcome> PurgeAsync(Runner runner) => runner.PurgeAsync(_change, now: true, CancellationToken.None);

    public async Task ReachGateAsync() => (await _database.ApplyAsync(_kind.Yaml, change: _change)).ShouldWaitAtGate();

    /// <summary>The process that does the work dies in it; what it would have done next is nobody's to see.</summary>
    public Task DieAsync(Func<Runner, Task<RunOutcome>> work) =>
        StrikeAsync(
            Fault.Death,
            async runner =>
            {
                try
                {
                    await work(runner);
                }
                catch (ObjectDisposedException)
                {
                    // Dead.
                }
            }
        );

    public async Task StrikeAsync(Fault fault, Func<Runner, Task> work)
    {
        Faults faults = new(_at, fault, this);
        await using FaultyEngine engine = new(
            _database.Engine(new PostgresEngineSettings { ApplicationName = "struck" }),
            faults
        );
        try
        {
            await work(new Runner(engine, _database.Options.ToOptions("test"), _ => { }, new HurriedTime()));
        }
        catch (Exception error) when (faults.Struck is not null)
        {
            throw new InvalidOperationException($"{fault} at call {_at}, {faults.Struck}: {error.Message}", error);
        }

        Struck = faults.Struck is not null;
    }

    /// <summary>As a person does after a crash: the same command again.</summary>
    public async Task FinishAsync()
    {
        RunOutcome applied = await _database.ApplyAsync(_kind.Yaml, change: _change);
        if (applied is not RunOutcome.Completed)
        {
            applied.ShouldWaitAtGate();
            (await _database.CompleteAsync(_change)).ShouldBeCompleted();
        }

        await ShouldBeFinishedAsync();
    }

    public async Task TakeBackAsync()
    {
        switch ((await _database.FindAsync(_change))?.Status)
        {
            case null:
                break;
            case ChangeStatus.Completed when _kind.EndsWithoutGate:
                await ShouldBeFinishedAsync();
                return;
            default:
                (await _database.RollbackAsync(_change)).ShouldBeRolledBack();
                break;
        }

        await ShouldBeAsBeforeAsync();
    }

    public async Task ShouldBeAsBeforeAsync() => (await Catalog.OfAsync(_database)).ShouldBe(_before);

    public async Task ShouldBeFinishedAsync()
    {
        (await _database.FindAsync(_change))!.Status.ShouldBe(ChangeStatus.Completed);
        (await _database.ScalarAsync<bool>(_kind.Holds)).ShouldBeTrue();

        // The mark in the name of a kept column differs from change to change.
        IReadOnlyList<string> after =
        [
            .. (await Catalog.OfAsync(_database)).Select(line =>
                Regex.Replace(line, "(?<=segue_kept_)[0-9a-f]{8}_", "", RegexOptions.None, TimeSpan.FromSeconds(1))
            ),
        ];
        after.Except(_before).ShouldBe(_kind.Brings, ignoreOrder: true);
        _before.Except(after).ShouldBe(_kind.Takes);
        (
            await _database.ScalarAsync<long>(
                $"SELECT count(*) FROM segue.step WHERE change = '{_change}' AND state <> 'done'"
            )
        ).ShouldBe(0);
    }

    /// <summary>By the struck purge, or by the same command again; a third changes nothing.</summary>
    public async Task ShouldBePurgedAsync()
    {
        const string Kept =
            "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'segue\\_kept%') + (SELECT count(*) FROM "
            + "pg_attribute WHERE attname LIKE 'segue\\_kept%' AND NOT attisdropped)";
        await _database.PurgeAsync(now: true, _change);
        (await _database.ScalarAsync<long>(Kept)).ShouldBe(0);
        (await _database.PurgeAsync(now: true, _change)).ShouldBeOfType<RunOutcome.Purged>();
    }

    public Exception ConnectionLost() => PostgresFaults.ConnectionLost();

    public Exception NoRoom() => PostgresFaults.NoRoom();

    public async Task EndSessionsAsync()
    {
        const string Sessions =
            "FROM pg_stat_activity WHERE application_name = 'struck' AND datname = current_database()";
        await _database.ExecuteAsync($"SELECT pg_terminate_backend(pid) {Sessions}");
        await Eventually.TrueAsync(
            "Segue's sessions end",
            async () => await _database.ScalarAsync<long>($"SELECT count(*) {Sessions}") == 0
        );
    }
}
