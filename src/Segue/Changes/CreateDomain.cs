namespace Segue.Changes;

/// <summary>A new domain: a type with rules.</summary>
public sealed record CreateDomain : Operation
{
    /// <summary>With its schema where it is not to be made in the first of the search path.</summary>
    public required TableName Name { get; init; }

    /// <summary>The type it is based on.</summary>
    public required string Type { get; init; }

    public string? Collation { get; init; }

    /// <summary>An SQL expression.</summary>
    public string? Default { get; init; }

    public bool Nullable { get; init; } = true;

    public ValueList<DomainCheck> Checks { get; init; } = [];

    public string? Comment { get; init; }

    public override string Title => $"create_domain {Name}";

    public override T Accept<T>(IOperationVisitor<T> visitor) => visitor.Visit(this);
}

/// <param name="Name">Default: as the server names it.</param>
/// <param name="Check">A boolean SQL expression over VALUE.</param>
public sealed record DomainCheck(string? Name, string Check);
