using System.Text.Json.Nodes;

namespace Segue.Cli.Tests.Commands;

public sealed class ValidateTests : IDisposable
{
    private readonly CommandLine _segue = new();

    public void Dispose() => _segue.Dispose();

    [Fact]
    public async Task Valid_files_exit_with_0()
    {
        (await _segue.RunAsync("new", "drop-table")).ShouldBe(0);

        (await _segue.RunAsync("validate")).ShouldBe(0);

        _segue.Out.ShouldContain("1 change file is valid.");
    }

    [Fact]
    public async Task Mistakes_are_reported_with_file_and_line_and_exit_2()
    {
        (await _segue.RunAsync("new", "drop-table")).ShouldBe(0);
        string path = Path.Combine(_segue.Directory, "changes", "0001_twin.yaml");
        await File.WriteAllTextAsync(path, "operations:\n  - drop_table: { tabel: orders }\n");

        (await _segue.RunAsync("validate", "--output", "json")).ShouldBe(2);

        JsonNode result = _segue.Json;
        result["valid"]!.GetValue<bool>().ShouldBeFalse();
        result["changes"]!.AsArray().Select(change => change!["valid"]!.GetValue<bool>()).ShouldBe([true, false]);
        JsonArray errors = result["changes"]![1]!["errors"]!.AsArray();
        errors.Select(error => error!["line"]!.GetValue<int>()).ShouldBe([2, 0]);
        _segue.Error.ShouldContain("0001_twin.yaml:2:");
    }
}
