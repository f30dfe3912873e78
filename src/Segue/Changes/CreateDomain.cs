namespace Segue.Changes;

/// <summary>Creates a domain: a type with rules.</summary>
public sealed record CreateDomain : Operation
{
    /// <summary>Without a schema it is created in the first schema of the search path.</summary>
    public required TableName Name { get; init; }

    /// <summary>The underlying type.</summary>
    public required string Type { get; init; }

    /// <summary>The collation; null for the default one.</summary>
    public string? Collation { get; init; }

    /// <summary>An SQL expression.</summary>
    public string? Default { get; init; }

    /// <summary>Whether NULL is allowed. Default true.</summary>
    public bool Nullable { get; init; } = true;

    /// <summary>Its CHECK constraints. Default none.</summary>
    public ValueList<DomainCheck> Checks { get; init; } = [];

    /// <summary>The comment; null for none.</summary>
    public string? Comment { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads =>
        [.. ColumnReading.Once(Default), .. ColumnReading.Lasting(Checks.Select(check => check.Check))];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [new Creation.Type()];

    /// <inheritdoc/>
    public override string Title => $"create_domain {Name}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

/// <param name="Name">Default: the server's name for it.</param>
/// <param name="Check">A boolean SQL expression over VALUE.</param>
public sealed record DomainCheck(string? Name, string Check);
