using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Segue.Engines;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Ledger;

/// <summary>The position of a fill as the ledger stores it.</summary>
internal static class CursorText
{
    /// <summary>
    /// Null if it was made unreadable: the table is then filled from its start, and rows that have their value are not
    /// written again.
    /// </summary>
    public static BackfillCursor? Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Place>(json, JsonSerializerOptions.Web) is { IsSound: true } place
                ? place.Cursor()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static NpgsqlParameter Parameter(BackfillCursor cursor) =>
        new()
        {
            NpgsqlDbType = NpgsqlDbType.Jsonb,
            Value = JsonSerializer.Serialize(Place.Of(cursor), JsonSerializerOptions.Web),
        };

    /// <summary>One that a ledger of any version holds.</summary>
    /// <param name="Next">The first block that is not filled.</param>
    /// <param name="GroupEnd">Of the group that begins at <paramref name="Next"/>; not above it between
    /// groups.</param>
    private sealed record Place(
        long Generation,
        long Next,
        long End,
        long GroupEnd,
        int Pass,
        int Passes,
        IReadOnlyList<Blocks> Skipped,
        long Rows,
        FailedRows? Failed,
        long RowsTotal,
        bool Finished
    )
    {
        public bool IsSound => Next >= 0 && Next <= End && Pass >= 0 && Pass <= Passes && Skipped is not null;

        public static Place Of(BackfillCursor cursor)
        {
            (_, long end, long generation) = (BlockRange)cursor.Whole;
            long next = ((BlockRange)cursor.Remaining).Start;
            return new Place(
                generation,
                next,
                end,
                cursor.Group is BlockRange group ? group.End : next,
                cursor.Pass,
                cursor.Passes,
                [.. cursor.Skipped.Cast<BlockRange>().Select(range => new Blocks(range.Start, range.End))],
                cursor.Rows,
                cursor.Failed,
                cursor.RowsTotal,
                cursor.Finished
            );
        }

        public BackfillCursor Cursor()
        {
            BlockRange whole = new(0, End, Generation);
            return new BackfillCursor
            {
                Whole = whole,
                Remaining = whole with { Start = Next },
                Group = GroupEnd > Next ? whole with { Start = Next, End = Math.Min(GroupEnd, End) } : null,
                Pass = Pass,
                Passes = Passes,
                Skipped = [.. Skipped.Select(range => whole with { Start = range.Start, End = range.End })],
                Rows = Rows,
                Failed = Failed ?? FailedRows.None,
                RowsTotal = RowsTotal,
                Finished = Finished,
            };
        }
    }

    private sealed record Blocks(long Start, long End);
}
