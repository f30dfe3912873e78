using Segue.Planning;

namespace Segue.Engines;

/// <summary>The questions of a plan to the target's catalog before its steps run.</summary>
public interface ICatalogQuestions
{
    /// <summary>Runs a plan's catalog query and returns its one boolean.</summary>
    Task<bool> AskAsync(string query, CancellationToken cancel);

    /// <summary>Runs a plan's catalog query and returns its one column.</summary>
    Task<IReadOnlyList<string>> ListAsync(string query, CancellationToken cancel);

    /// <summary>The plan's fingerprint of the target as it is now.</summary>
    Task<IReadOnlyList<string>> FingerprintAsync(Plan plan, CancellationToken cancel);
}
