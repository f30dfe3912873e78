namespace Segue.Engines;

/// <summary>
/// All that an engine provides, in three hands: records that the runner keeps, the means to execute step kinds, and
/// what only looks. It decides nothing at run time.
/// </summary>
public interface IEngine : IAsyncDisposable
{
    /// <summary>E.g. <c>postgresql</c>; a plan names the engine that made it.</summary>
    string Name { get; }

    IPlanner Planner { get; }

    IRecords Records { get; }

    IExecution Execution { get; }

    IInspection Inspection { get; }
}
