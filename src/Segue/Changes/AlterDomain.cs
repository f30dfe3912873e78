namespace Segue.Changes;

/// <summary>Adds or drops rules of a domain. Null leaves an attribute unchanged.</summary>
public sealed record AlterDomain : Operation
{
    public required TableName Domain { get; init; }

    public DomainCheck? AddCheck { get; init; }

    /// <summary>The name of a CHECK.</summary>
    public string? DropConstraint { get; init; }

    public ConstraintNewName? RenameConstraint { get; init; }

    /// <summary>An SQL expression.</summary>
    public string? Default { get; init; }

    public bool DropDefault { get; init; }

    public bool? Nullable { get; init; }

    public string? Comment { get; init; }

    public override string Title => $"alter_domain {Domain}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

/// <summary>The old and the new name of a constraint.</summary>
public sealed record ConstraintNewName(string From, string To);
