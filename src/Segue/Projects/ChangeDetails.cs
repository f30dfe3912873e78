using System.Text.Json;
using System.Text.Json.Nodes;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Projects;

/// <summary>A standing with everything else that the ledger has of the change: its steps and its last events.</summary>
internal static class ChangeDetails
{
    private const int EventsShown = 20;

    /// <param name="standing">The state of the change.</param>
    /// <returns>The standing itself if the ledger does not have the change.</returns>
    public static async Task<Standing> AddAsync(Standing standing, ILedgerReader ledger, CancellationToken cancel)
    {
        if (!await ledger.ExistsAsync(cancel) || await ledger.FindAsync(standing.Name, cancel) is not { } record)
        {
            return standing;
        }

        (Plan? plan, _) = await StoredPlan.ReadAsync(ledger, record.Name, record.PlanHash, cancel);
        Dictionary<string, string> titles = plan?.Steps().ToDictionary(step => step.Id, step => step.Title) ?? [];
        bool isAtWork = record is { Status: ChangeStatus.Running or ChangeStatus.Paused, RunnerIsGone: false };
        return standing with
        {
            Steps =
            [
                .. (await ledger.StepsAsync(record.Name, cancel)).Select(step =>
                    Of(step, titles.GetValueOrDefault(step.Id, step.Id), isAtWork)
                ),
            ],
            Events =
            [
                .. (await ledger.EventsAsync(record.Name, EventsShown, cancel))
                    .OrderBy(entry => entry.Id)
                    .Select(entry => new EventStanding(entry.At, entry.Kind, entry.Message)),
            ],
        };
    }

    private static StepStanding Of(StepRecord step, string title, bool isAtWork) =>
        new()
        {
            Id = step.Id,
            Title = title,
            Stage = step.Stage,
            State =
                step.State == StepState.Running && !isAtWork ? StepStanding.Interrupted : Text.SnakeCase(step.State),
            Attempts = step.Attempts,
            LockWaitMs = step.LockWait?.TotalMilliseconds,
            LockHoldMs = step.LockHold?.TotalMilliseconds,
            StartedAt = step.StartedAt,
            EndedAt = step.EndedAt,
            Error = step.Error,
            Verdict = VerdictOf(step.Evidence),
        };

    private static JsonNode? VerdictOf(string? evidence)
    {
        try
        {
            return evidence is null ? null : JsonNode.Parse(evidence);
        }
        catch (JsonException)
        {
            return JsonValue.Create(evidence);
        }
    }
}
