namespace Segue.Changes.Keys;

/// <summary>Reads a table's name from text that stands in no change file, as a change file would read it.</summary>
public static class TableNames
{
    /// <summary>Reads <c>orders</c>, <c>sales.orders</c> or <c>sales."Order.Lines"</c>: exact names, never folded.</summary>
    /// <param name="text">The name.</param>
    /// <param name="what">What the error calls it. Default: <c>table</c>.</param>
    /// <exception cref="FormatException">It is no table's name; the message says why, and what to write.</exception>
    public static TableName Parse(string text, string what = "table") => TableNameValue.Instance.Parse(text, what);
}
