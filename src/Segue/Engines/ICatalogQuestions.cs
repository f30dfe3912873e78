namespace Segue.Engines;

public interface ICatalogQuestions
{
    /// <summary>Runs a plan's catalog query and returns its one boolean.</summary>
    Task<bool> AskAsync(string query, CancellationToken cancel);
}
