using Segue.Planning;

namespace Segue.Engines;

/// <summary>The questions of a plan to the target's catalog before its steps run.</summary>
public interface ICatalogQuestions
{
    /// <summary>Runs a plan's catalog query and returns its one boolean.</summary>
    Task<bool> AskAsync(string query, CancellationToken cancel);

    /// <summary>The fingerprint of the plan's tables as the catalog shows it now.</summary>
    Task<IReadOnlyList<string>> FingerprintAsync(Plan plan, CancellationToken cancel);
}
