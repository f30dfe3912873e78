using System.Text.RegularExpressions;

namespace Segue.Cli.Tests.Architecture;

/// <summary>
/// Next actions are data: core and engines do not know how a front end words them. The core knows no server: neither
/// code nor comments name one, or a thing that only one has.
/// </summary>
public sealed partial class WordsTests
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

    /// <summary>Where a word is not an assumption, and why.</summary>
    private static readonly (string File, string Word)[] Allowed =
    [
        // The example of an address: the engine recognises its own.
        ("AddressExample.cs", "postgres"),
        // Values of a key that is marked with what a server must have (ServerFeature.ColumnCompression).
        ("AlterColumn.cs", "pglz"),
        ("AlterColumn.cs", "lz4"),
        ("AlterColumnKeys.cs", "lz4"),
        // Examples of `sql`, whose statements and locks are in the engine's own words.
        ("RawSqlKeys.cs", "share update exclusive"),
        ("RawSqlKeys.cs", "to_regclass"),
        // A key of segue.yaml.
        ("ThrottleKeys.cs", "wal"),
        ("ThrottleKeys.cs", "write-ahead log"),
        ("ThrottleSettings.cs", "wal"),
        ("ThrottleSettings.cs", "write-ahead log"),
    ];

    [Fact]
    public void No_file_of_the_core_names_a_server()
    {
        string root = Path.Combine(Docs.DocsPage.Root, "src", "Segue");
        IEnumerable<string> found = Directory
            .EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .SelectMany(file =>
                File.ReadLines(file)
                    .Index()
                    .SelectMany(line =>
                        OfOneServer()
                            .Matches(line.Item)
                            .Where(word => !Allowed.Contains((Path.GetFileName(file), word.Value.ToLowerInvariant())))
                            .Select(word => $"{Path.GetRelativePath(root, file)}:{line.Index + 1}: {word.Value}")
                    )
            );

        found.ShouldBeEmpty("Let the engine say it, or say what it is for any server.");
    }

    [GeneratedRegex(
        """
            (?ix)
            postgres | libpq | npgsql | psql | pgpass | \bpg_ | pglz | \blz4\b | regclass | to_regclass | plpgsql
            | vacuum | \bctid\b | \btid\b | \boid\b | relfilenode | namedatalen | \btoast\b | target_session_attrs
            | share\ update\ exclusive | access\ exclusive | deadlock_timeout
            | (?<![a-z])wal(?![a-z]) | write-ahead\ log
            | mysql | mariadb | galera | innodb | sqlite | sql\ server | oracle | cockroach | citus | timescale
            | schema\ segue | (?-i:segue\.(change|plan|step|event|lease|backfill|retained)\b) | \bjsonb\b
            """,
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex OfOneServer();

    private static bool IsCommand(string line) =>
        !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
        && (
            line.Contains("`segue ", StringComparison.Ordinal)
            || line.Contains("'segue ", StringComparison.Ordinal)
            || line.Contains("\"segue ", StringComparison.Ordinal)
        );
}
