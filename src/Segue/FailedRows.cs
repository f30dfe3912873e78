namespace Segue;

/// <summary>Rows for which an expression, a trigger or a constraint raises an error.</summary>
/// <param name="Samples">The first few of them, at most ten.</param>
public sealed record FailedRows(long Count, IReadOnlyList<FailedRow> Samples)
{
    /// <summary>No row.</summary>
    public static FailedRows None { get; } = new(0, []);

    /// <summary>Both together; samples of both, the first ones first.</summary>
    public FailedRows Plus(FailedRows other) =>
        other.Count == 0 ? this : new(Count + other.Count, [.. Samples.Concat(other.Samples).Take(10)]);

    /// <summary>The errors, each with the keys of its rows, and how many rows are not named.</summary>
    public override string ToString()
    {
        IEnumerable<string> errors = Samples
            .GroupBy(row => row.Error)
            .Select(rows => $"{rows.Key} for {string.Join(", ", rows.Select(row => row.Key))}");
        string more = Count > Samples.Count ? $" and {Plain.Count(Count - Samples.Count)} more" : "";
        return $"{string.Join("; ", errors)}{more}";
    }
}

/// <param name="Key">Its primary key, or its physical address.</param>
/// <param name="Error">The server's message.</param>
public sealed record FailedRow(string Key, string Error);
