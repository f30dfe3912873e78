using System.Text.RegularExpressions;
using Segue.Changes.Keys;
using Segue.Yaml;

namespace Segue.Changes.Files;

/// <summary>
/// Reads change files: YAML, UTF-8, at most 1 MB, one document, no anchors, aliases or tags.
/// All mistakes of a file are reported at once; nothing asks a server.
/// </summary>
public static partial class ChangeFileReader
{
    private const int LongestName = 200;

    /// <summary>A missing or unreadable file is <see cref="ChangeFileResult.Invalid"/> too.</summary>
    public static ChangeFileResult ReadFile(string path)
    {
        Problems problems = new(path);
        return Read(SourceText.FromFile(path, problems), problems);
    }

    /// <summary>Reads text as if it stood in <paramref name="path"/>, which need not exist.</summary>
    public static ChangeFileResult ReadText(string path, string text)
    {
        Problems problems = new(path);
        return Read(SourceText.FromText(text, problems), problems);
    }

    /// <summary>
    /// Reads bytes as if they stood in <paramref name="path"/>, which need not exist: a file from a git commit, for
    /// one.
    /// </summary>
    public static ChangeFileResult ReadBytes(string path, ReadOnlySpan<byte> bytes)
    {
        Problems problems = new(path);
        return Read(SourceText.FromBytes(bytes, problems), problems);
    }

    private static ChangeFileResult Read(SourceText? source, Problems problems)
    {
        string name = NameOf(problems);
        ChangeContent? content = source is null
            ? null
            : DocumentReader.Read(source.Text, ChangeKeys.Value, ChangeKeys.File, problems);
        if (content is null && problems.None)
        {
            problems.Add(new Position(1, 1), "the file is empty", "Write 'operations:' and what changes.");
        }

        if (source is null || content is null || !problems.None)
        {
            return new ChangeFileResult.Invalid(problems.InOrder);
        }

        return new ChangeFileResult.Read(
            new Change
            {
                Name = name,
                Description = content.Description,
                Staged = content.Staged,
                Operations = content.Operations,
                ContentHash = source.Hash,
            }
        );
    }

    private static string NameOf(Problems problems)
    {
        string name = Path.GetFileNameWithoutExtension(problems.File);
        if (!ChangeFile.HasExtension(problems.File))
        {
            problems.Add(Position.WholeFile, "a change file ends in .yaml or .yml", "Rename the file.");
        }

        if (name.Length > LongestName || !ChangeName().IsMatch(name))
        {
            problems.Add(
                Position.WholeFile,
                $"'{Excerpt.Of(name)}' cannot be a change's name",
                $"Use up to {LongestName} letters (a-z), digits, '.', '_' and '-', the first a letter or "
                    + "digit: 0007_currency.yaml."
            );
        }

        return name;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]*\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ChangeName();
}
