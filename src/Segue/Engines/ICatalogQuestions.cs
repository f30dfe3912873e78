using Segue.Planning;

namespace Segue.Engines;

/// <summary>What a plan asks of the target's catalog before its steps run.</summary>
public interface ICatalogQuestions
{
    /// <summary>Runs a plan's catalog query and returns its one boolean.</summary>
    Task<bool> AskAsync(string query, CancellationToken cancel);

    /// <summary>Runs a plan's catalog query and returns its one column.</summary>
    Task<IReadOnlyList<string>> ListAsync(string query, CancellationToken cancel);

    /// <summary>The plan's fingerprint as the target looks now.</summary>
    Task<IReadOnlyList<string>> FingerprintAsync(Plan plan, CancellationToken cancel);
}
