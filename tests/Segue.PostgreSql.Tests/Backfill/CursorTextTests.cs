using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Ledger;

namespace Segue.PostgreSql.Tests.Backfill;

/// <summary>A fill goes on from what any version has written.</summary>
public class CursorTextTests
{
    /// <summary>As Segue wrote it while ranges were blocks everywhere.</summary>
    private const string Older = """
        {"end": 4000, "next": 1200, "pass": 3, "rows": 8000, "passes": 10, "finished": false, "groupEnd": 1400,
         "failed": {"count": 1, "samples": [{"key": "id=7", "error": "division by zero"}]},
         "skipped": [{"end": 64, "start": 32, "blocks": 32}], "rowsTotal": 90000, "generation": 16412}
        """;

    [Fact]
    public void A_place_of_an_older_ledger_is_read()
    {
        BackfillCursor cursor = CursorText.Read(Older)!;

        cursor.Whole.ShouldBe(new BlockRange(0, 4000, 16412));
        cursor.Remaining.ShouldBe(new BlockRange(1200, 4000, 16412));
        cursor.Group.ShouldBe(new BlockRange(1200, 1400, 16412));
        (cursor.Pass, cursor.Passes, cursor.UnitsDone).ShouldBe((3, 10, 1200));
        cursor.Skipped.ShouldBe([new BlockRange(32, 64, 16412)]);
        (cursor.Rows, cursor.RowsTotal, cursor.Failed.Count).ShouldBe((8000, 90_000, 1));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(3, 40L)]
    public void A_place_reads_back_as_it_was(int pass, long? groupEnd)
    {
        BlockRange whole = new(0, 100, 7);
        BackfillCursor cursor = new()
        {
            Whole = whole,
            Remaining = whole with { Start = 30 },
            Group = groupEnd is { } end ? whole with { Start = 30, End = end } : null,
            Pass = pass,
            Passes = 4,
            Finished = true,
        };

        BackfillCursor read = CursorText.Read((string)CursorText.Parameter(cursor).Value!)!;

        (read with { Skipped = cursor.Skipped, Failed = cursor.Failed }).ShouldBe(cursor);
        read.Skipped.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"next":5,"end":4,"skipped":[]}""")]
    [InlineData("""{"next":1,"end":4,"pass":3,"passes":2,"skipped":[]}""")]
    public void A_text_that_is_not_a_cursor_is_rejected(string json) => CursorText.Read(json).ShouldBeNull();
}
