using Segue.Cli.Tests.Docs;
using Segue.Cli.Tests.EndToEnd;

namespace Segue.Cli.Tests.Packages;

/// <summary>The program of docs/library.md, as it is built, against a real server.</summary>
public sealed class EmbeddedTests
{
    private static readonly string Sample = Path.Combine(DocsPage.Root, "samples", "Embedded", "Program.cs");

    [Fact]
    public async Task A_program_of_about_twenty_lines_applies_what_is_pending()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.Write("type: char(3), nullable: false, backfill: \"'USD'\"");

        (int code, string output) = await RunAsync(shop);

        code.ShouldBe(0, output);
        output.ShouldContain($"{Workshop.Change}: WaitingAtGate");
        output.ShouldContain($"{Workshop.Change} is Waiting; next: Complete or Rollback");
        (await shop.StatusAsync())["status"]!.GetValue<string>().ShouldBe("waiting");
    }

    [Fact]
    public void The_page_shows_the_program_that_is_run() =>
        DocsPage
            .Named("docs/library.md")
            .Blocks.Single(block => block.Info == "csharp")
            .Text.ShouldBe(File.ReadAllText(Sample).Trim());

    private static Task<(int Code, string Output)> RunAsync(Workshop shop)
    {
        string tests = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        string embedded = Path.Combine(
            Path.GetDirectoryName(Path.GetDirectoryName(tests))!,
            "Embedded",
            Path.GetFileName(tests),
            "Embedded.dll"
        );
        string url = shop.Database.Server.Url(shop.Database.Name);
        return Tool.RunAsync(Tool.Dotnet, shop.Project.Directory, [embedded, url]);
    }
}
