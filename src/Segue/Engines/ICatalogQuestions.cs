namespace Segue.Engines;

public interface ICatalogQuestions
{
    /// <summary>Runs a plan's catalog query and returns its one boolean.</summary>
    Task<bool> AskAsync(string query, CancellationToken cancel);

    /// <summary>Runs a plan's catalog query and returns its one column.</summary>
    Task<IReadOnlyList<string>> ListAsync(string query, CancellationToken cancel);
}
