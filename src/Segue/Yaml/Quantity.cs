using System.Globalization;

namespace Segue.Yaml;

/// <summary>A whole number with a unit behind it, e.g. <c>200ms</c>.</summary>
internal static class Quantity
{
    public static bool TryParse(string text, IReadOnlyList<(string Unit, long Factor)> units, out long value)
    {
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        string unit = digits < 0 ? "" : text[digits..].TrimStart();
        long factor = units.FirstOrDefault(known => known.Unit == unit).Factor;
        bool whole = long.TryParse(
            digits < 0 ? text : text[..digits],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out long number
        );
        bool fits = whole && factor > 0 && number <= long.MaxValue / factor;
        value = fits ? number * factor : 0;
        return fits;
    }

    /// <summary>In the largest unit that leaves a whole number.</summary>
    public static string Write(long value, IReadOnlyList<(string Unit, long Factor)> units)
    {
        (string unit, long factor) = units.Last(known =>
            value % known.Factor == 0 && (value != 0 || known == units[0])
        );
        return $"{value / factor}{unit}";
    }
}
