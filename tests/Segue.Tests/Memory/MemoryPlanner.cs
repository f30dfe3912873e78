using Segue.Changes;
using Segue.Engines;
using Segue.Planning;

namespace Segue.Tests.Memory;

/// <summary>Plans for the kinds of this engine: a column that is filled, an index, a table that is dropped.</summary>
internal sealed class MemoryPlanner(MemoryDatabase database) : IPlanner
{
    public Task<PlanOutcome> PlanAsync(Change change, PlanOptions options, CancellationToken cancel)
    {
        database.Answer();
        List<StagedStep> steps = [];
        foreach (Operation operation in change.Operations)
        {
            switch (operation)
            {
                case AddColumn { Backfill: not null } column:
                    steps.AddRange(MemoryRoads.Of(column));
                    break;
                case CreateIndex { Name: not null } index:
                    steps.Add(new StagedStep(StageName.Enforce, MemoryRoads.Of(index)));
                    break;
                case DropTable drop:
                    steps.AddRange(MemoryRoads.Of(drop));
                    break;
                default:
                    return Task.FromResult<PlanOutcome>(new PlanOutcome.Refused([NotOffered(operation)]));
            }
        }

        steps = database.Commits == Commit.EachStatement ? [.. steps.SelectMany(MemoryRoads.EachAlone)] : steps;
        Plan plan = new()
        {
            Change = change.Name,
            ChangeHash = change.ContentHash,
            Engine = MemoryEngine.EngineName,
            ServerVersion = 1,
            Limits = options.Limits,
            SearchPath = [],
            Stages = [.. Enum.GetValues<StageName>().Select(name => StageOf(name, steps)).OfType<Stage>()],
            Fingerprint = MemoryStatement.Fingerprint(database.State),
        };
        return Task.FromResult<PlanOutcome>(new PlanOutcome.Planned(plan));
    }

    private static Problem NotOffered(Operation operation) =>
        new(operation.Title, "the engine in memory knows no such kind.", "Take another engine.");

    private static Stage? StageOf(StageName name, List<StagedStep> steps) =>
        steps.Where(step => step.Stage == name).Select(step => step.Step).ToArray() is { Length: > 0 } of
            ? new Stage(name, of)
            : null;
}
