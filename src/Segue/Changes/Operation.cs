namespace Segue.Changes;

/// <summary>
/// One operation of a change. Every kind is one record with one method in <see cref="IOperationVisitor{T}"/>.
/// </summary>
public abstract record Operation
{
    /// <summary>Its name in messages: the kind and its object, e.g. <c>add_column orders.currency</c>.</summary>
    public abstract string Title { get; }

    /// <summary>The names and expressions by which it reads columns of its table; none for none.</summary>
    public abstract IEnumerable<ColumnReading> Reads { get; }

    /// <summary>What it creates that other operations of the change may need; none for none.</summary>
    public abstract IEnumerable<Creation> Creates { get; }

    /// <summary>Calls the visitor's method for this kind. An engine that lacks a kind does not compile.</summary>
    public abstract T Accept<T>(IOperationVisitor<T> visitor);
}

/// <summary>An operation on a table.</summary>
public abstract record TableOperation : Operation
{
    /// <summary>The table.</summary>
    public required TableName Table { get; init; }
}
