using Segue.Changes;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>An identity column's clauses.</summary>
internal static class SequenceText
{
    public static string Identity(IdentityColumn identity)
    {
        string options = Options(identity);
        return $"GENERATED {(identity.Always ? "ALWAYS" : "BY DEFAULT")} AS "
            + $"IDENTITY{(options.Length == 0 ? "" : $" ({options})")}";
    }

    public static string Options(IdentityColumn identity) =>
        string.Join(
            ' ',
            new[]
            {
                identity.Start is { } start ? $"START WITH {start}" : null,
                identity.Increment is { } increment ? $"INCREMENT BY {increment}" : null,
                identity.MinValue is { } smallest ? $"MINVALUE {smallest}" : null,
                identity.MaxValue is { } largest ? $"MAXVALUE {largest}" : null,
                identity.Cache is { } cache ? $"CACHE {cache}" : null,
                identity.Cycle ? "CYCLE" : null,
            }.Where(option => option is not null)
        );
}
