namespace Segue.Planning;

/// <summary>An effect that a reader of the plan must know before it runs.</summary>
/// <param name="Code">Stable name, e.g. <c>user-triggers-fire</c>.</param>
/// <param name="Message">What, why, and what to do.</param>
public sealed record Hazard(string Code, string Message);
