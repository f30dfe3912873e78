using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Backfill;

/// <summary>Tables in ranges of blocks (TID range scans, PostgreSQL 14).</summary>
internal sealed class BlockRanges(Database database) : IRanges
{
    /// <summary>200 blocks, where values are not stored elsewhere.</summary>
    private const long FirstGroupBytes = 200 * 8192;

    public RangeSizes Sizes { get; } =
        new()
        {
            LargestGroup = 512,
            LargestGroupBesideApp = 128,
            LargestRange = 4096,
            FewForFailures = 16,
            FirstScan = 256,
            FirstScanBesideApp = 16,
            LargestScan = 64 * 1024,
        };

    public async Task<TableExtent> MeasureAsync(string relation, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        IReadOnlyList<(TableSize Size, long Generation, uint Oid, long Toast)> found = await connection.QueryAsync(
            ExtentQuery,
            row =>
                (
                    new TableSize(row.GetInt64(0), row.GetInt64(1), row.GetDouble(2)),
                    row.GetInt64(3),
                    (uint)row.GetInt64(4),
                    row.GetInt64(5)
                ),
            cancel,
            relation
        );
        if (found.Count == 0)
        {
            return Extent(new BlockRange(0, 0), 0, 0);
        }

        (TableSize size, long generation, uint oid, long toast) = found[0];
        double rows = (await connection.WithRowsAsync(size, oid, cancel)).Rows;
        return Extent(new BlockRange(0, size.Pages, generation), (long)rows, size.Bytes + toast);
    }

    public ValueTask<RowRange> HeadAsync(string relation, RowRange range, long units, CancellationToken cancel) =>
        new(((BlockRange)range).Head(units));

    public ValueTask<IReadOnlyList<RowRange>> SplitAsync(
        string relation,
        RowRange range,
        int parts,
        CancellationToken cancel
    ) => new([.. ((BlockRange)range).Split(parts)]);

    public async Task<RowRange> RemainingAsync(string relation, RowRange? after, CancellationToken cancel)
    {
        BlockRange whole = (BlockRange)(await MeasureAsync(relation, cancel)).Whole;
        return after is BlockRange(_, long end, _) ? whole with { Start = end, End = Math.Max(end, whole.End) } : whole;
    }

    /// <param name="bytes">Of its rows, values stored elsewhere included.</param>
    private static TableExtent Extent(BlockRange whole, long rows, long bytes) =>
        new(whole, rows)
        {
            FirstGroup = FirstGroupBytes / Math.Max(1, bytes / Math.Max(1, whole.Units)),
            MostPasses = PassShare.All,
        };

    // A partitioned root has no blocks of its own: a range of its blocks means that range in each of its leaves.
    private const string ExtentQuery = """
        SELECT bytes, bytes / current_setting('block_size')::bigint, CASE WHEN relkind = 'p' THEN 0
            ELSE reltuples::float8 END, coalesce(pg_relation_filenode(oid), 0)::bigint, oid::bigint,
               coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0)
        FROM (SELECT c.*, CASE WHEN c.relkind = 'p'
                       THEN coalesce((SELECT max(pg_relation_size(t.relid)) FROM pg_partition_tree(c.oid) t
                           WHERE t.isleaf), 0)
                       ELSE pg_relation_size(c.oid) END AS bytes
              FROM pg_class c WHERE c.oid = to_regclass($1)) AS measured
        """;
}
