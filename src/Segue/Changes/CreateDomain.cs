namespace Segue.Changes;

/// <summary>Creates a domain: a type with rules.</summary>
public sealed record CreateDomain : Operation
{
    /// <summary>Without a schema it is created in the first schema of the search path.</summary>
    public required TableName Name { get; init; }

    /// <summary>The underlying type.</summary>
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

/// <param name="Name">Default: the server's name for it.</param>
/// <param name="Check">A boolean SQL expression over VALUE.</param>
public sealed record DomainCheck(string? Name, string Check);
