using Segue.Planning;

namespace Segue.Conformance;

/// <summary>
/// One database of the engine under test, and Segue at work on it. What ends otherwise than said fails, with the
/// reason.
/// </summary>
public interface IConformanceDatabase : IAsyncDisposable
{
    Task ExecuteAsync(string sql);

    /// <summary>One boolean.</summary>
    Task<bool> AskAsync(string query);

    /// <summary>Schema and rows as they are.</summary>
    Task<DatabaseState> StateAsync();

    /// <summary>Schema and rows as these statements would leave them; nothing is kept.</summary>
    Task<DatabaseState> StateAfterAsync(string sql);

    Task<Plan> PlannedAsync(string file);

    /// <summary>
    /// True when it now waits at a gate, false when it is completed or, with <paramref name="until"/>, stopped.
    /// </summary>
    Task<bool> ApplyAsync(string file, StageName? until = null);

    Task CompleteAsync();

    Task RollbackAsync();

    /// <summary>Segue's own objects that only serve a change under way.</summary>
    Task<IReadOnlyList<string>> LeftoversAsync();
}
