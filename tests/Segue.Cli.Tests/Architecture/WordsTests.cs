namespace Segue.Cli.Tests.Architecture;

/// <summary>Next actions are data: core and engines do not know how a front end words them.</summary>
public sealed class WordsTests
{
    [Theory]
    [InlineData("Segue")]
    [InlineData("Segue.PostgreSql")]
    public void No_text_of_core_or_engine_holds_a_command_line(string project)
    {
        IEnumerable<string> found = Directory
            .EnumerateFiles(Path.Combine(Docs.DocsPage.Root, "src", project), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file =>
                File.ReadLines(file)
                    .Index()
                    .Where(line => IsCommand(line.Item))
                    .Select(line => $"{Path.GetFileName(file)}:{line.Index + 1}: {line.Item.Trim()}")
            );

        found.ShouldBeEmpty("Give a NextAction instead, and say it in plain words.");
    }

    private static bool IsCommand(string line) =>
        !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
        && (
            line.Contains("`segue ", StringComparison.Ordinal)
            || line.Contains("'segue ", StringComparison.Ordinal)
            || line.Contains("\"segue ", StringComparison.Ordinal)
        );
}
