using System.Text.Json;
using Segue.Conformance;
using Segue.Execution;
using Segue.Planning;
using Segue.Tests.Memory;

namespace Segue.Tests.Execution;

/// <summary>What comes next is data where a run ends, so that no front end needs rules of its own.</summary>
public sealed class NextTests
{
    private const string Change = SampleChanges.Name;

    [Fact]
    public void A_run_that_waits_or_stopped_names_what_goes_on_and_what_goes_back() =>
        MemoryRun.Of(
            rows: 20,
            async run =>
            {
                RunOutcome stopped = await run.ApplyAsync(until: StageName.Expand);
                stopped.ShouldBeOfType<RunOutcome.StoppedAfter>();
                stopped.Next.ShouldBe([NextAction.Apply(Change), NextAction.Rollback(Change)]);

                RunOutcome waiting = await run.ApplyAsync();
                waiting.ShouldBeOfType<RunOutcome.WaitingAtGate>();
                waiting.Next.ShouldBe([NextAction.Complete(Change), NextAction.Rollback(Change)]);

                (await run.CompleteAsync()).Next.ShouldBeEmpty();
            }
        );

    [Fact]
    public void An_interrupted_run_can_be_resumed_by_the_verb_that_ran() =>
        MemoryRun.Of(
            rows: 20,
            async run =>
            {
                using CancellationTokenSource stop = new();
                run.Happened = _ => stop.Cancel();
                RunOutcome interrupted = await run.ApplyAsync(cancel: stop.Token);

                interrupted.ShouldBeOfType<RunOutcome.Interrupted>();
                interrupted.Next.ShouldBe([NextAction.Apply(Change), NextAction.Rollback(Change)]);
            }
        );

    [Fact]
    public void A_refused_run_names_what_its_problems_name() =>
        MemoryRun.Of(
            rows: 20,
            async run =>
            {
                RunOutcome refused = await run.CompleteAsync();

                refused.ShouldBeOfType<RunOutcome.Refused>();
                refused.Next.ShouldBe([NextAction.Apply(Change)]);
            }
        );

    [Theory]
    [InlineData(NextVerb.Complete, true, "complete rollback")]
    [InlineData(NextVerb.Complete, false, "complete")]
    [InlineData(NextVerb.Rollback, true, "rollback")]
    [InlineData(NextVerb.Purge, true, "purge")]
    public void A_rollback_is_named_where_it_is_possible_and_was_not_what_failed(
        NextVerb verb,
        bool canGoBack,
        string next
    )
    {
        RunOutcome failed = WhatNext.Added(new RunOutcome.Failed("no") { CanGoBack = canGoBack }, verb, Change);

        string.Join(' ', failed.Next.Select(action => Text.SnakeCase(action.Verb))).ShouldBe(next);
    }

    [Fact]
    public void An_action_is_json_of_verb_and_change()
    {
        JsonSerializer
            .Serialize(NextAction.Complete("0007"), JsonSerializerOptions.Web)
            .ShouldBe("""{"verb":"complete","change":"0007"}""");
        JsonSerializer
            .Serialize(NextAction.Plan("0007") with { InStages = true }, JsonSerializerOptions.Web)
            .ShouldBe("""{"verb":"plan","change":"0007","inStages":true}""");
    }
}
