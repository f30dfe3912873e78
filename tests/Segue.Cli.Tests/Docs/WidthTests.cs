namespace Segue.Cli.Tests.Docs;

/// <summary>The formatter keeps code at 120 columns, but breaks no string, comment or raw literal.</summary>
public sealed class WidthTests
{
    private const int Limit = 120;

    [Theory, InlineData("src"), InlineData("tests"), InlineData("bench"), InlineData("samples")]
    public void No_line_of_code_is_longer_than_120_columns(string folder) =>
        TooLong(Directory.EnumerateFiles(Path.Combine(DocsPage.Root, folder), "*.cs", SearchOption.AllDirectories))
            .ShouldBeEmpty();

    [Fact]
    public void No_line_of_a_page_is_longer_than_120_columns() =>
        TooLong(DocsPage.All.Select(page => page.FullPath)).ShouldBeEmpty();

    [Fact]
    public void The_first_page_has_at_most_130_lines() =>
        File.ReadAllLines(DocsPage.Named("README.md").FullPath).Length.ShouldBeLessThanOrEqualTo(130);

    private static IEnumerable<string> TooLong(IEnumerable<string> paths) =>
        paths
            .SelectMany(path => File.ReadLines(path).Select((line, index) => (path, line, Number: index + 1)))
            .Where(each => each.line.Length > Limit && !IsUnbreakable(each.line))
            .Select(each => $"{Path.GetRelativePath(DocsPage.Root, each.path)}:{each.Number}: {each.line.Length}");

    /// <summary>A web address alone on its line, but for what introduces it.</summary>
    private static bool IsUnbreakable(string line) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Any(word => word.Contains("://", StringComparison.Ordinal) && word.Length > Limit - 20);
}
