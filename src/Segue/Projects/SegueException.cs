namespace Segue.Projects;

/// <summary>
/// A <see cref="Projects.Failure"/> for callers who prefer exceptions: see <see cref="Result{T}.OrThrow"/>.
/// </summary>
public sealed class SegueException(Failure failure) : Exception(failure.ToString())
{
    /// <summary>Why it was not done.</summary>
    public Failure Failure { get; } = failure;
}
