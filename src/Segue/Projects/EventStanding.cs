namespace Segue.Projects;

/// <summary>One event of a change.</summary>
/// <param name="At">When, by the server's clock.</param>
/// <param name="Kind">What kind of event, e.g. <c>step-done</c>.</param>
/// <param name="Message">What happened, in words.</param>
public sealed record EventStanding(DateTimeOffset At, string Kind, string Message);
