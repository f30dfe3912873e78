namespace Segue.Projects;

/// <summary>What a change put aside and can still bring back.</summary>
/// <param name="What">What it was, e.g. <c>public.orders</c>.</param>
/// <param name="Relation">Where it is kept.</param>
/// <param name="Until">How long it is kept at least.</param>
/// <param name="IsOver">It may be purged.</param>
public sealed record KeptItem(string What, string Relation, DateTimeOffset Until, bool IsOver);
