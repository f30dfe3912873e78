namespace Segue.Changes;

/// <summary>Adds or drops rules of a domain. Null leaves an attribute unchanged.</summary>
public sealed record AlterDomain : Operation
{
    /// <summary>The domain.</summary>
    public required TableName Domain { get; init; }

    /// <summary>A CHECK that is added; null for none.</summary>
    public DomainCheck? AddCheck { get; init; }

    /// <summary>The name of a CHECK.</summary>
    public string? DropConstraint { get; init; }

    /// <summary>A constraint that is renamed; null for none.</summary>
    public ConstraintNewName? RenameConstraint { get; init; }

    /// <summary>An SQL expression.</summary>
    public string? Default { get; init; }

    /// <summary>Whether the default is dropped. Default false.</summary>
    public bool DropDefault { get; init; }

    /// <summary>Whether NULL is allowed; null to leave that as it is.</summary>
    public bool? Nullable { get; init; }

    /// <summary>The new comment; null to leave it as it is.</summary>
    public string? Comment { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<ColumnReading> Reads =>
        [.. ColumnReading.Once(Default), .. ColumnReading.Lasting(AddCheck?.Check)];

    /// <inheritdoc/>
    public override IEnumerable<Creation> Creates => [];

    /// <inheritdoc/>
    public override string Title => $"alter_domain {Domain}";

    /// <inheritdoc/>
    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

/// <summary>The old and the new name of a constraint.</summary>
public sealed record ConstraintNewName(string From, string To);
