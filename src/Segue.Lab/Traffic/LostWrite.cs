namespace Segue.Lab.Traffic;

/// <summary>An order that does not hold what an application wrote to it last.</summary>
/// <param name="OrderId">The order.</param>
/// <param name="Written">What the application wrote and committed.</param>
/// <param name="Found">What the order holds; null also when the order or the column is gone.</param>
public sealed record LostWrite(long OrderId, string Written, string? Found);
