using Segue.Ledger;

namespace Segue.Cli.Tests.Commands;

public sealed class PurgeTests : IDisposable
{
    private static readonly DateTimeOffset Until = new(2026, 3, 8, 12, 0, 0, TimeSpan.Zero);

    private readonly CommandLine _segue = new();

    public void Dispose() => _segue.Dispose();

    [Fact]
    public async Task Purge_lists_retained_tables_and_their_end_dates()
    {
        (await _segue.RunAsync("purge")).ShouldBe(0);
        _segue.Out.ShouldContain("Nothing is kept.");
        await KeepAsync();

        (await _segue.RunAsync("purge")).ShouldBe(0);
        _segue.Out.ShouldContain(
            "public.orders  is kept until 2026-03-08 12:00:00Z  (0001_note, as \"segue_kept_1\".\"orders\")"
        );
        _segue.Out.ShouldContain("public.bills  is kept until 2026-03-08 12:00:00Z: it may be purged");
        (await _segue.RunAsync("purge", "0001", "--list", "--output", "json")).ShouldBe(0);
        _segue.Json["kept"]!.AsArray().Count.ShouldBe(1);
        _segue.Json["kept"]![0]!["what"]!.GetValue<string>().ShouldBe("public.orders");
        _segue.Json["kept"]![0]!["isOver"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task Status_reports_a_damaged_ledger_too()
    {
        await KeepAsync();

        (await _segue.RunAsync("status", "0001")).ShouldBe(0);
        _segue.Out.ShouldContain("public.orders, as \"segue_kept_1\".\"orders\", until 2026-03-08 12:00:00Z");
        (await _segue.RunAsync("status", "--output", "json")).ShouldBe(0);
        _segue.Json["changes"]![0]!["kept"]![0]!["relation"]!
            .GetValue<string>()
            .ShouldBe("\"segue_kept_1\".\"orders\"");
    }

    [Fact]
    public async Task Purge_asks_before_it_drops_and_needs_a_name_and_a_time()
    {
        await KeepAsync();

        (await _segue.RunAsync("purge", "--now")).ShouldBe(2);
        _segue.Error.ShouldContain("--now needs a change");
        (await _segue.RunAsync("purge", "0001")).ShouldBe(2);
        _segue.Error.ShouldContain("--yes");
        (await _segue.RunAsync("purge", "0001", "--yes")).ShouldBe(3);
        _segue.Error.ShouldContain("public.orders is kept until 2026-03-08 12:00:00Z.");
    }

    private async Task KeepAsync()
    {
        _segue.AddChange("0001_note");
        await _segue.RunAsync("apply");
        await _segue.RunAsync("complete", "0001", "--yes");
        _segue.Engine.Memory.Retained.AddRange([
            new RetainedRecord(
                "0001_note",
                "contract/drop-table/public.orders",
                "public.orders",
                "\"segue_kept_1\".\"orders\"",
                Until.AddDays(-7),
                Until,
                IsOver: false
            ),
            new RetainedRecord(
                "0002_other",
                "contract/drop-table/public.bills",
                "public.bills",
                "\"segue_kept_2\".\"bills\"",
                Until.AddDays(-7),
                Until,
                IsOver: true
            ),
        ]);
    }
}
