using Npgsql;
using NpgsqlTypes;
using Segue.Engines;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Backfill;

/// <summary>
/// The rows of a batch that one transaction fills: from <paramref name="Start"/> up to but not including
/// <paramref name="End"/>.
/// </summary>
/// <param name="Session">Which of the sessions has it.</param>
internal sealed record BatchPart(Batch Batch, int Session, NpgsqlTid Start, NpgsqlTid End)
{
    /// <summary>
    /// While one session's transaction lasts, the row versions that another one leaves behind cannot be pruned. So each
    /// session has several parts in turn: until it comes to the same part again, in the next pass, the other session
    /// has a newer snapshot, and there is room on the pages.
    /// </summary>
    private const int PartsInTurn = 3;

    /// <summary>A block has no more line pointers for rows.</summary>
    private const double MostRowsPerBlock = 290;

    public long Generation => ((BlockRange)Batch.Range).Generation;

    public NpgsqlParameter First => RangeSettings.Tid(Start);

    public NpgsqlParameter Last => RangeSettings.Tid(End);

    /// <summary>Parts with about the same number of rows, even of a single block: its rows may be large.</summary>
    public static IEnumerable<BatchPart> Of(Batch batch)
    {
        NpgsqlTid start = RangeSettings.Address(((BlockRange)batch.Range).Start);
        int parts = batch is { Workers: > 1, Passes: > 1 } ? batch.Workers * PartsInTurn : batch.Workers;
        int session = 0;
        for (int part = 1; part <= parts; part++)
        {
            NpgsqlTid end = EndOf(batch, part, parts);
            if (!end.Equals(start))
            {
                yield return new BatchPart(batch, session, start, end);
                start = end;
                session = (session + 1) % batch.Workers;
            }
        }
    }

    private static NpgsqlTid EndOf(Batch batch, int part, int parts)
    {
        BlockRange range = (BlockRange)batch.Range;
        long share = range.Units * part;
        long block = range.Start + (share / parts);
        double rest = (double)(share % parts) / parts;
        double rows = Math.Clamp(batch.RowsPerUnit, 0, MostRowsPerBlock);

        // The first row of a block is number 1.
        return RangeSettings.Address(block, rest > 0 ? (ushort)((rest * rows) + 1) : (ushort)0);
    }
}
