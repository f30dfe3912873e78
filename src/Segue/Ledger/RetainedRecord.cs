namespace Segue.Ledger;

/// <summary>Something that a change took away and that can still be brought back.</summary>
/// <param name="What">What it was, e.g. <c>public.orders</c>.</param>
/// <param name="Relation">Where it is kept.</param>
/// <param name="IsOver">By the server's clock <paramref name="Until"/> has passed.</param>
public sealed record RetainedRecord(
    string Change,
    string Step,
    string What,
    string Relation,
    DateTimeOffset Since,
    DateTimeOffset Until,
    bool IsOver
);
