namespace Segue.Changes;

/// <summary>
/// One thing a change asks for. Every kind is one record with one method in <see cref="IOperationVisitor{T}"/>.
/// </summary>
public abstract record Operation
{
    /// <summary>What messages call it: the kind and what it is about, e.g. <c>add_column orders.currency</c>.</summary>
    public abstract string Title { get; }

    /// <summary>Calls the visitor's method for this kind. An engine that lacks a kind does not compile.</summary>
    public abstract T Accept<T>(IOperationVisitor<T> visitor);
}

/// <summary>One that is about a table.</summary>
public abstract record TableOperation : Operation
{
    public required TableName Table { get; init; }
}
