namespace Segue.Changes.Keys;

/// <summary>Reads a table's name outside of a change file, by the rules of a change file.</summary>
public static class TableNames
{
    /// <summary>
    /// Reads <c>orders</c>, <c>sales.orders</c> or <c>sales."Order.Lines"</c>: exact names, never folded to lower case.
    /// </summary>
    /// <param name="text">The name.</param>
    /// <param name="what">The error's word for it. Default: <c>table</c>.</param>
    /// <exception cref="FormatException">It is not a table's name; the message says why, and what to write.</exception>
    public static TableName Parse(string text, string what = "table") => TableNameValue.Instance.Parse(text, what);
}
