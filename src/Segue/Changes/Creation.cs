namespace Segue.Changes;

/// <summary>What an operation creates that others of the same change may need.</summary>
public abstract record Creation
{
    private Creation() { }

    /// <summary>A type that columns can have. Operations that create one are planned first.</summary>
    public sealed record Type : Creation;

    /// <summary>An index over all rows. An expression among its keys is null.</summary>
    public record Index(ValueList<string?> Columns) : Creation
    {
        /// <summary>True where its first keys are these columns, in any order.</summary>
        public bool BeginsWith(IReadOnlyCollection<string> columns) =>
            columns.Count <= Columns.Count
            && Columns.Take(columns.Count).All(column => column is not null && columns.Contains(column));
    }

    /// <summary>A unique index or constraint, which a foreign key may refer to.</summary>
    public sealed record Key(ValueList<string?> Columns) : Index(Columns);
}
