namespace Segue.Planning;

/// <summary>
/// A thing that a change is about. No other change can be about the same until the first is completed or rolled back.
/// </summary>
/// <param name="Name">Qualified as far as its kind needs, e.g. <c>public.orders.note</c> for a column.</param>
public sealed record Claim(ClaimKind Kind, string Name)
{
    /// <summary>Reads what plans before format 3 hold: <c>column public.orders.note</c>.</summary>
    /// <exception cref="FormatException">The text names no kind.</exception>
    public static Claim Parse(string text)
    {
        (string kind, string name) = text.Split(' ', 2) is [var first, var rest]
            ? (first, rest)
            : throw new FormatException($"'{text}' is not a claim.");
        foreach (ClaimKind part in new[] { ClaimKind.Partition, ClaimKind.Options })
        {
            string end = $" {Text.SnakeCase(part)}";
            if (kind == "table" && name.EndsWith(end, StringComparison.Ordinal))
            {
                return new Claim(part, name[..^end.Length]);
            }
        }

        return Enum.GetValues<ClaimKind>().Where(each => Text.SnakeCase(each) == kind).ToArray() is [var known]
            ? new Claim(known, name)
            : throw new FormatException($"'{text}' is not a claim.");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Text.SnakeCase(Kind)} {Name}";
}

/// <summary>What a claim is about.</summary>
public enum ClaimKind
{
    /// <summary>A table as a whole.</summary>
    Table,

    /// <summary>A view.</summary>
    View,

    /// <summary>A name that nothing has yet.</summary>
    Name,

    /// <summary>A column of a table.</summary>
    Column,

    /// <summary>A constraint of a table.</summary>
    Constraint,

    /// <summary>An index.</summary>
    Index,

    /// <summary>A trigger of a table.</summary>
    Trigger,

    /// <summary>A policy of a table.</summary>
    Policy,

    /// <summary>A domain.</summary>
    Domain,

    /// <summary>Whether a table is a partition, and of which table.</summary>
    Partition,

    /// <summary>Storage parameters and comment of a table.</summary>
    Options,
}
