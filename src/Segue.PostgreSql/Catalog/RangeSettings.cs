using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Segue.Engines;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// Settings of one transaction. A DO block takes no parameters and returns nothing, so these pass it its range of
/// blocks and return its results.
/// </summary>
internal static class RangeSettings
{
    public const string First = "segue.first";
    public const string End = "segue.end";
    public const string Told = "segue.told";

    /// <summary>The query for the results of the block.</summary>
    public const string Answer = $"SELECT current_setting('{Told}')";

    public static (string Name, string Value)[] Of(BlockRange range) => Of(Address(range.Start), Address(range.End));

    public static (string Name, string Value)[] Of(NpgsqlTid first, NpgsqlTid end) =>
        [(First, Text(first)), (End, Text(end)), (Told, "")];

    /// <summary>Above the first row of the block, or above one in it.</summary>
    public static NpgsqlTid Address(long block, ushort row = 0) => new((uint)block, row);

    public static NpgsqlParameter Tid(long block) => Tid(Address(block));

    public static NpgsqlParameter Tid(NpgsqlTid address) => new() { NpgsqlDbType = NpgsqlDbType.Tid, Value = address };

    private static string Text(NpgsqlTid address) => $"({address.BlockNumber},{address.OffsetNumber})";

    public static RangeAnswer Read(string told) =>
        JsonSerializer.Deserialize<RangeAnswer>(told, JsonSerializerOptions.Web)!;
}

/// <param name="Done">Rows filled, or compared.</param>
/// <param name="Others">Rows still to be filled, or mismatches; rows that failed are not among them.</param>
/// <param name="Samples">Keys of those.</param>
internal sealed record RangeAnswer(
    long Done,
    long Others,
    IReadOnlyList<string> Samples,
    long Failed,
    IReadOnlyList<FailedRow> Failures
)
{
    public FailedRows FailedRows =>
        new(Failed, [.. Failures.Select(row => new FailedRow(Text.Visible(row.Key), Text.Visible(row.Error)))]);
}
