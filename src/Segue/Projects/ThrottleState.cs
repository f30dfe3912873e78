namespace Segue.Projects;

/// <summary>Whether a fill pauses.</summary>
/// <param name="Paused">It does.</param>
/// <param name="Reason">Why; null where it does not.</param>
public sealed record ThrottleState(bool Paused = false, string? Reason = null);
