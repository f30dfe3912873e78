namespace Segue.Changes;

/// <summary>One thing a change asks for. Every kind is one record with one method in <see cref="IOperationVisitor{T}"/>.</summary>
public abstract record Operation
{
    public required TableName Table { get; init; }

    /// <summary>Calls the visitor's method for this kind. An engine that lacks a kind does not compile.</summary>
    public abstract T Accept<T>(IOperationVisitor<T> visitor);
}
