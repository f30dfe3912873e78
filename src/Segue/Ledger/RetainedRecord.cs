namespace Segue.Ledger;

/// <summary>An object that a change dropped and that can still be restored.</summary>
/// <param name="What">Its former name, e.g. <c>public.orders</c>.</param>
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
