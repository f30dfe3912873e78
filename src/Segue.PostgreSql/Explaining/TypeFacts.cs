namespace Segue.PostgreSql.Explaining;

/// <summary>Whether a column's new type accepts all values of the old one. In doubt it does not.</summary>
internal static class TypeFacts
{
    // Oids of built-in types never change: src/include/catalog/pg_type.dat.
    private const uint Int8 = 20,
        Int2 = 21,
        Int4 = 23,
        Text = 25,
        Float4 = 700,
        Float8 = 701,
        BpChar = 1042,
        VarChar = 1043,
        Date = 1082,
        Timestamp = 1114,
        TimestampTz = 1184,
        Numeric = 1700;

    private static readonly HashSet<(uint From, uint To)> Wider =
    [
        (Int2, Int4),
        (Int2, Int8),
        (Int4, Int8),
        (Int2, Numeric),
        (Int4, Numeric),
        (Int8, Numeric),
        (Float4, Float8),
        (VarChar, Text),
        (BpChar, Text),
        (Text, VarChar),
        (BpChar, VarChar),
        (Date, Timestamp),
        (Date, TimestampTz),
        (Timestamp, TimestampTz),
    ];

    public static bool IsNarrower(ColumnFacts old, ColumnFacts now) =>
        old.TypeId == now.TypeId
            ? now.Modifier != old.Modifier && now.Modifier >= 0 && (old.Modifier < 0 || !Holds(old, now))
            : !Wider.Contains((old.TypeId, now.TypeId))
                || (now.Modifier >= 0 && !(old.TypeId == BpChar && old.Modifier >= 0 && now.Modifier >= old.Modifier));

    /// <summary>
    /// A numeric's modifier contains precision and scale: there must be as many digits on both sides of the point.
    /// </summary>
    private static bool Holds(ColumnFacts old, ColumnFacts now)
    {
        if (old.TypeId != Numeric)
        {
            return now.Modifier >= old.Modifier;
        }

        (int precision, int scale) = Parts(old.Modifier);
        (int newPrecision, int newScale) = Parts(now.Modifier);
        return newScale >= scale && newPrecision - newScale >= precision - scale;
    }

    private static (int Precision, int Scale) Parts(int modifier) =>
        (((modifier - 4) >> 16) & 0xffff, (((modifier - 4) & 0x7ff) ^ 1024) - 1024);
}
