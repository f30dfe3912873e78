namespace Segue.Lab.Traffic;

/// <summary>An order without the value that an application wrote to it last.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Written">The value that the application wrote and committed.</param>
/// <param name="Found">The value of the order; null also if the order or the column does not exist.</param>
public sealed record LostWrite(long OrderId, string Written, string? Found);
