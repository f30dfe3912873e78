using System.Text.RegularExpressions;

namespace Segue.Cli.Tests.Docs;

public sealed partial class LinksTests
{
    public static TheoryData<string> Pages => [.. DocsPage.All.Select(page => page.Name)];

    [Theory, MemberData(nameof(Pages))]
    public void Every_link_leads_to_a_file_and_every_anchor_to_a_heading(string name)
    {
        DocsPage page = DocsPage.Named(name);
        foreach (
            string target in Link()
                .Matches(page.Prose)
                .Select(link => link.Groups["target"].Value)
                .Where(target => !target.StartsWith("http", StringComparison.Ordinal))
        )
        {
            string[] parts = target.Split('#');
            string path =
                parts[0].Length == 0
                    ? page.FullPath
                    : Path.GetFullPath(parts[0], Path.GetDirectoryName(page.FullPath)!);

            (File.Exists(path) || Directory.Exists(path)).ShouldBeTrue($"{name}: {target}");
            if (parts.Length > 1)
            {
                DocsPage
                    .All.Single(other => other.FullPath == path)
                    .Anchors.ShouldContain(parts[1], $"{name}: {target}");
            }
        }
    }

    [Fact]
    public void The_page_in_the_packages_has_no_link_that_leads_nowhere_there() =>
        Link()
            .Matches(DocsPage.Named("docs/library.md").Prose)
            .Select(link => link.Groups["target"].Value)
            .ShouldAllBe(target => target.StartsWith("http") || target.StartsWith('#'));

    [Theory, MemberData(nameof(Pages))]
    public void Every_file_and_test_named_in_docs_exists(string name)
    {
        string prose = DocsPage.Named(name).Prose;

        RepositoryPath()
            .Matches(prose)
            .Select(path => path.Groups["path"].Value)
            .Where(path =>
                !File.Exists(Path.Combine(DocsPage.Root, path)) && !Directory.Exists(Path.Combine(DocsPage.Root, path))
            )
            .ShouldBeEmpty();
        TestClass()
            .Matches(prose)
            .Select(test => test.Value)
            .Distinct()
            .Where(test =>
                !Directory
                    .EnumerateFiles(Path.Combine(DocsPage.Root, "tests"), $"{test}.cs", SearchOption.AllDirectories)
                    .Any()
            )
            .ShouldBeEmpty();
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    [GeneratedRegex(
        @"`(?<path>(src|tests|bench|docs)/[\w./-]*)`",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex RepositoryPath();

    [GeneratedRegex(@"\b[A-Z]\w+Tests\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TestClass();
}
