namespace Segue.Changes;

/// <summary>A column the server computes from others of the same row.</summary>
public sealed record GeneratedColumn
{
    /// <summary>The expression over other columns of the row.</summary>
    public required string Expression { get; init; }

    /// <summary>True: computed on write and stored. False (default): computed on read.</summary>
    public bool Stored { get; init; }
}
