namespace Segue.Engines;

/// <summary>
/// A runner's transactions do not wait for other servers while they hold locks. This waits afterwards, with nothing
/// locked, so that whatever is reported as done is as safe as the database's own settings require.
/// </summary>
public interface IConfirmation
{
    /// <summary>Whether the database's settings require confirmation by another server.</summary>
    Task<bool> IsNeededAsync(CancellationToken cancel);

    /// <summary>
    /// Returns once everything that was committed before is confirmed, or no confirmation is required any more.
    /// </summary>
    Task WaitAsync(string change, CancellationToken cancel);

    /// <summary>Which servers have not confirmed yet, and what to do, in words.</summary>
    Task<string> DescribeAsync(CancellationToken cancel);
}
