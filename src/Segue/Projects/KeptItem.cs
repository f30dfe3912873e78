namespace Segue.Projects;

/// <summary>A dropped object that a change keeps and can still restore.</summary>
/// <param name="What">Its former name, e.g. <c>public.orders</c>.</param>
/// <param name="Relation">Where it is kept.</param>
/// <param name="Until">How long it is kept at least.</param>
/// <param name="IsOver">It may be purged.</param>
public sealed record KeptItem(string What, string Relation, DateTimeOffset Until, bool IsOver);
