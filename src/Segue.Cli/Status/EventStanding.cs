namespace Segue.Cli.Status;

/// <summary>One event of a change.</summary>
internal sealed record EventStanding(DateTimeOffset At, string Kind, string Message);
