using System.Globalization;
using System.Text.RegularExpressions;

namespace Segue.Cli.Tests.Docs;

/// <summary>A Markdown page of this repository.</summary>
internal sealed partial class DocsPage
{
    private DocsPage(string path)
    {
        Name = Path.GetRelativePath(Root, path).Replace('\\', '/');
        FullPath = path;
        string[] lines = File.ReadAllLines(path);
        List<DocsBlock> blocks = [];
        List<string> prose = [];
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                prose.Add(lines[i]);
                continue;
            }

            int end = Array.FindIndex(lines, i + 1, line => line == "```");
            end.ShouldBePositive($"{Name}:{i + 1}: the code block has no end");
            blocks.Add(new DocsBlock($"{Name}:{i + 1}", lines[i][3..].Trim(), string.Join('\n', lines[(i + 1)..end])));
            i = end;
        }

        Blocks = blocks;
        Prose = string.Join('\n', prose);
    }

    /// <summary>The repository's directory.</summary>
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<DocsPage> All { get; } =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat([Path.Combine(Root, "README.md"), Path.Combine(Root, "CONTRIBUTING.md")])
            .Order()
            .Select(path => new DocsPage(path)),
    ];

    public string Name { get; }

    public string FullPath { get; }

    public IReadOnlyList<DocsBlock> Blocks { get; }

    /// <summary>Everything but the code blocks.</summary>
    public string Prose { get; }

    /// <summary>What a link may name behind its '#', as GitHub makes it of the headings.</summary>
    public IEnumerable<string> Anchors =>
        Headings()
            .Matches(Prose)
            .Select(heading =>
                NoAnchor()
                    .Replace(heading.Groups["text"].Value.ToLower(CultureInfo.InvariantCulture), "")
                    .Replace(' ', '-')
            );

    /// <summary>Heading and text of each part that begins with '## '.</summary>
    public IEnumerable<(string Heading, string Text)> Sections =>
        Prose.Split("\n## ").Skip(1).Select(part => (part.Split('\n')[0], part));

    public static DocsPage Named(string name) => All.Single(page => page.Name == name);

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Segue.slnx")))
        {
            directory = directory.Parent;
        }

        return directory.ShouldNotBeNull("the tests run outside of the repository").FullName;
    }

    [GeneratedRegex(
        @"^#+ +(?<text>.+)$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Headings();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NoAnchor();
}

/// <param name="Place">Page and line.</param>
/// <param name="Info">What stands behind the fence, e.g. <c>sh exit=3</c>.</param>
internal sealed record DocsBlock(string Place, string Info, string Text)
{
    public string Language => Info.Split(' ')[0];

    /// <summary>The exit code it is to end with.</summary>
    public int Exit => Info.Split("exit=") is [_, var code] ? int.Parse(code, CultureInfo.InvariantCulture) : 0;

    /// <summary>
    /// The file a block says it is, in a first line like <c># changes/0001_x.yaml</c>; null for none.
    /// </summary>
    public string? File =>
        Text.Split('\n')[0] is ['#', ' ', .. var name] && name.EndsWith(".yaml", StringComparison.Ordinal)
            ? name
            : null;

    /// <summary>Otherwise a <c>segue.yaml</c>.</summary>
    public bool IsChangeFile => Text.Split('\n').Contains("operations:");
}
