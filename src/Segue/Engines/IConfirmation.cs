namespace Segue.Engines;

/// <summary>
/// A runner's transactions wait for no other server while they hold locks. This waits afterwards, with nothing held, so
/// that what is reported as done is as safe as the database's own settings ask for.
/// </summary>
public interface IConfirmation
{
    /// <summary>Whether the database's settings ask for another server's word.</summary>
    Task<bool> IsNeededAsync(CancellationToken cancel);

    /// <summary>
    /// Returns once everything that was committed before is confirmed, or nobody has to confirm it any more.
    /// </summary>
    Task WaitAsync(string change, CancellationToken cancel);

    /// <summary>Who has not confirmed yet, and what to do, in words.</summary>
    Task<string> DescribeAsync(CancellationToken cancel);
}
