using System.Globalization;

namespace Segue.PostgreSql.Execution;

/// <summary>Settings of one transaction that pass a statement that reads a whole table its resting time.</summary>
internal static class RestSettings
{
    /// <summary>For each second of work, in seconds.</summary>
    public const string Rest = "segue.rest";

    /// <summary>When the last rest ended, in seconds since 1970; empty before the first one.</summary>
    public const string Rested = "segue.rested";

    public static (string Name, string Value)[] Of(double rest) =>
        [(Rest, rest.ToString("0.###", CultureInfo.InvariantCulture)), (Rested, "")];
}
