using Npgsql;
using NpgsqlTypes;
using Segue.Engines;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Backfill;

/// <summary>
/// The rows of a batch that one session fills: from <paramref name="Start"/> up to but not including
/// <paramref name="End"/>.
/// </summary>
internal sealed record BatchPart(Batch Batch, NpgsqlTid Start, NpgsqlTid End)
{
    /// <summary>A block has no more line pointers for rows.</summary>
    private const double MostRowsPerBlock = 290;

    public long Generation => ((BlockRange)Batch.Range).Generation;

    public NpgsqlParameter First => RangeSettings.Tid(Start);

    public NpgsqlParameter Last => RangeSettings.Tid(End);

    /// <summary>Parts with about the same number of rows, even of a single block: its rows may be large.</summary>
    public static IEnumerable<BatchPart> Of(Batch batch)
    {
        NpgsqlTid start = RangeSettings.Address(((BlockRange)batch.Range).Start);
        for (int part = 1; part <= batch.Workers; part++)
        {
            NpgsqlTid end = EndOf(batch, part);
            if (!end.Equals(start))
            {
                yield return new BatchPart(batch, start, end);
                start = end;
            }
        }
    }

    private static NpgsqlTid EndOf(Batch batch, int part)
    {
        BlockRange range = (BlockRange)batch.Range;
        long share = range.Units * part;
        long block = range.Start + (share / batch.Workers);
        double rest = (double)(share % batch.Workers) / batch.Workers;
        double rows = Math.Clamp(batch.RowsPerUnit, 0, MostRowsPerBlock);

        // The first row of a block is number 1.
        return RangeSettings.Address(block, rest > 0 ? (ushort)((rest * rows) + 1) : (ushort)0);
    }
}
