namespace Segue.Planning;

/// <summary>An operation of the change that a plan was made for. Steps and hazards name it by its place.</summary>
/// <param name="Title">What messages call it, e.g. <c>add_column orders.currency</c>.</param>
/// <param name="Asks">All that it asks for, as its change file says it.</param>
public sealed record PlannedOperation(string Title, string Asks);
