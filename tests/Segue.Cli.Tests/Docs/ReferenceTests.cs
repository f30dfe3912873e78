using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Segue.Changes.Files;
using Segue.Changes.Keys;
using Segue.Cli.Commands;

namespace Segue.Cli.Tests.Docs;

/// <summary>The reference pages name what there is, all of it, and nothing else.</summary>
public sealed partial class ReferenceTests
{
    private static readonly RootCommand Root = SegueCommand.Create(ProcessHost.Create());

    private static DocsPage CommandLine => DocsPage.Named("docs/cli.md");

    [Fact]
    public void Every_verb_has_a_section_and_every_section_a_verb()
    {
        string[] sections = [.. CommandLine.Sections.SelectMany(section => VerbsOf(section.Heading))];

        sections.Order().ShouldBe(Verbs().Select(verb => verb.Name).Order());
    }

    [Fact]
    public void Every_option_is_documented_with_its_verb_or_with_the_shared_options()
    {
        string several = CommandLine.Sections.Single(section => section.Heading == "Options of several verbs").Text;
        foreach ((string name, Command verb) in Verbs())
        {
            string own = CommandLine.Sections.Single(section => VerbsOf(section.Heading).Contains(name)).Text;
            string[] named = [.. OptionsIn(own), .. OptionsIn(several)];

            verb.Options.Where(option => option is not System.CommandLine.Help.HelpOption)
                .Select(option => option.Name)
                .Except(named)
                .ShouldBeEmpty($"segue {name}");
        }
    }

    [Fact]
    public void Every_option_named_in_docs_exists()
    {
        HashSet<string> real =
        [
            .. Commands(Root)
                .SelectMany(command => command.Options)
                .SelectMany(option => option.Aliases.Append(option.Name)),
        ];
        foreach (DocsPage page in DocsPage.All)
        {
            string commands = string.Join(
                '\n',
                page.Blocks.SelectMany(block => block.Text.Replace("\\\n", "").Split('\n'))
                    .Where(line => line.TrimStart('.', '/').StartsWith("segue ", StringComparison.Ordinal))
            );

            OptionsIn(commands).Except(real).ShouldBeEmpty(page.Name);
        }

        OptionsIn(CommandLine.Prose).Except(real).ShouldBeEmpty(CommandLine.Name);
    }

    [Fact]
    public void Every_key_of_a_change_file_is_explained()
    {
        string prose = DocsPage.Named("docs/change-files.md").Prose;

        PropertiesOf(JsonDocument.Parse(ChangeSchema.Text).RootElement)
            .Where(key => !prose.Contains($"`{key}`", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_package_is_listed_with_its_version()
    {
        string prose = DocsPage.Named("docs/dependencies.md").Prose;
        XDocument packages = XDocument.Load(Path.Combine(DocsPage.Root, "Directory.Packages.props"));
        string servers = File.ReadAllText(Path.Combine(DocsPage.Root, "src/Segue.Lab/Servers/PostgresPackage.cs"));

        packages
            .Descendants("PackageVersion")
            .Select(package => $"| {package.Attribute("Include")!.Value} | {package.Attribute("Version")!.Value} |")
            .Concat(ServerVersions().Matches(servers).Select(version => $"| {version.Groups["version"].Value} |"))
            .Where(row => !prose.Contains(row, StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    /// <summary>
    /// The kinds of <c>new</c> are one entry: their options are their keys, which another page explains.
    /// </summary>
    private static IEnumerable<(string Name, Command Verb)> Verbs() =>
        Root
            .Subcommands.SelectMany(verb =>
                verb.Subcommands.Count == 0
                    ? [(verb.Name, verb)]
                    : verb.Subcommands.Where(sub => !IsKind(sub)).Select(sub => ($"{verb.Name} {sub.Name}", sub))
            )
            .Append(("new KIND", new Command("KIND") { NewChangeOptions.Change, NewChangeOptions.Description }));

    private static bool IsKind(Command sub) =>
        sub.Name != "add-column" && ChangeKind.All.Any(kind => kind.Name.Replace('_', '-') == sub.Name);

    private static IEnumerable<Command> Commands(Command command) =>
        command.Subcommands.SelectMany(Commands).Prepend(command);

    private static IEnumerable<string> VerbsOf(string heading) =>
        heading
            .Split(", ")
            .Where(part => part.StartsWith("segue ", StringComparison.Ordinal))
            .Select(part => part["segue ".Length..]);

    private static IEnumerable<string> OptionsIn(string text) =>
        Option().Matches(text).Select(option => option.Value).Distinct();

    private static IEnumerable<string> PropertiesOf(JsonElement schema) =>
        schema.ValueKind switch
        {
            JsonValueKind.Object => schema
                .EnumerateObject()
                .SelectMany(member =>
                    member is { Name: "properties", Value.ValueKind: JsonValueKind.Object }
                        ? member
                            .Value.EnumerateObject()
                            .SelectMany(property => PropertiesOf(property.Value).Prepend(property.Name))
                        : PropertiesOf(member.Value)
                ),
            JsonValueKind.Array => schema.EnumerateArray().SelectMany(PropertiesOf),
            _ => [],
        };

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Option();

    [GeneratedRegex(
        "= \"(?<version>[0-9.]+-beta[.0-9]+)\"",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex ServerVersions();
}
