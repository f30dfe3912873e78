namespace Segue.Engines;

/// <summary>
/// Everything that an engine provides, in three parts: records that the runner keeps, execution of step kinds, and
/// inspection, which only reads. It decides nothing at run time.
/// </summary>
public interface IEngine : IAsyncDisposable
{
    /// <summary>In lower case; a plan names the engine that made it.</summary>
    string Name { get; }

    /// <summary>Makes plans.</summary>
    IPlanner Planner { get; }

    /// <summary>Records that the runner keeps.</summary>
    IRecords Records { get; }

    /// <summary>The means to execute step kinds.</summary>
    IExecution Execution { get; }

    /// <summary>What only looks.</summary>
    IInspection Inspection { get; }
}
