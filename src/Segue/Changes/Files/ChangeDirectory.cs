using System.Diagnostics;
using System.Globalization;
using Segue.Yaml;

namespace Segue.Changes.Files;

/// <summary>
/// The directory of change files: every <c>*.yaml</c> and <c>*.yml</c> directly in it whose name does not begin with a
/// dot. Files are ordered by name, ordinally; so numbers are padded with zeros, as <see cref="NextName"/> does.
/// </summary>
internal sealed class ChangeDirectory(string path)
{
    private const int UsualDigits = 4;

    // A number with more digits could not be incremented.
    private const int MostDigits = 18;

    // With its number well under the 200 characters of a change's name.
    private const int LongestSlug = 150;

    /// <summary>The directory, as it was given.</summary>
    public string Path => path;

    /// <summary>All change files in order, unread.</summary>
    public ChangeListing List()
    {
        if (!Directory.Exists(path))
        {
            return Refused(path, "there is no such directory", "Create it, or name another: 'changes:' in segue.yaml.");
        }

        ChangeFile[] files =
        [
            .. Directory
                .EnumerateFiles(path)
                .Where(file => ChangeFile.HasExtension(file) && !System.IO.Path.GetFileName(file).StartsWith('.'))
                .Select(ChangeFile.At)
                .OrderBy(file => file.Name, StringComparer.Ordinal)
                .ThenBy(file => file.Path, StringComparer.Ordinal),
        ];

        // Names that differ by case only cannot be checked out side by side on macOS and Windows.
        ChangeFile[]? twins = files
            .GroupBy(file => file.Name, StringComparer.OrdinalIgnoreCase)
            .Select(group => group.ToArray())
            .FirstOrDefault(group => group.Length > 1);
        return twins is null
            ? new ChangeListing.Listed(files)
            : Refused(
                twins[1].Path,
                $"the change's name is the same as that of {ShownPath.Of(twins[0].Path)}",
                "Rename or delete one of the two files."
            );
    }

    /// <summary>Finds a change by its name, its file's name or path, or a unique beginning of its name.</summary>
    public ChangeLookup Find(string wanted) =>
        List() switch
        {
            ChangeListing.Listed listing => Find(wanted, listing.Files),
            ChangeListing.Invalid invalid => new ChangeLookup.NotFound(invalid.Error),
            var other => throw new UnreachableException($"{other}"),
        };

    /// <summary>
    /// A name for a new change: the next number and <paramref name="slug"/>, e.g. <c>0007_orders_currency</c>. A
    /// character that a name cannot contain becomes <c>_</c>. The directory need not exist.
    /// </summary>
    public string NextName(string slug)
    {
        string[] numbers = Directory.Exists(path)
            ?
            [
                .. Directory
                    .EnumerateFiles(path)
                    .Where(ChangeFile.HasExtension)
                    .Select(file => string.Concat(System.IO.Path.GetFileName(file).TakeWhile(char.IsAsciiDigit)))
                    .Where(digits => digits.Length is > 0 and <= MostDigits),
            ]
            : [];
        long last = numbers.Select(digits => long.Parse(digits, CultureInfo.InvariantCulture)).DefaultIfEmpty().Max();
        int width = numbers.Select(digits => digits.Length).DefaultIfEmpty(UsualDigits).Max();
        string number = (last + 1).ToString(CultureInfo.InvariantCulture).PadLeft(width, '0');

        IEnumerable<char> letters = slug.Take(LongestSlug)
            .Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' ? letter : '_');
        string fit = string.Concat(letters).Trim('_');
        return fit.Length == 0 ? number : $"{number}_{fit}";
    }

    private ChangeLookup Find(string wanted, IReadOnlyList<ChangeFile> files)
    {
        ChangeFile? exact = files.FirstOrDefault(file =>
            file.Name == wanted || System.IO.Path.GetFileName(file.Path) == wanted
        );
        if (exact is not null)
        {
            return new ChangeLookup.Found(exact);
        }

        if (ChangeFile.HasExtension(wanted) && File.Exists(wanted))
        {
            return new ChangeLookup.Found(ChangeFile.At(wanted));
        }

        ChangeFile[] begun =
        [
            .. files.Where(file => wanted.Length > 0 && file.Name.StartsWith(wanted, StringComparison.Ordinal)),
        ];
        return begun.Length == 1 ? new ChangeLookup.Found(begun[0]) : NotFound(wanted, begun, files);
    }

    private ChangeLookup.NotFound NotFound(string wanted, ChangeFile[] begun, IReadOnlyList<ChangeFile> files)
    {
        if (begun.Length > 1)
        {
            string matches = string.Join(", ", begun.Select(file => file.Name));
            return new(
                new FileError(path, 0, 0, $"'{wanted}' matches several changes: {matches}", "Write more of the name.")
            );
        }

        string? meant = Nearest.To(wanted, files.Select(file => file.Name));
        string names = string.Join(", ", files.Select(file => file.Name).TakeLast(5));
        string remedy = files.Count == 0 ? "The directory holds no change file yet." : $"The latest there: {names}.";
        string hint = meant is null ? "" : $"; did you mean '{meant}'?";
        return new(new FileError(path, 0, 0, $"there is no change '{Excerpt.Of(wanted)}'{hint}", remedy));
    }

    private static ChangeListing.Invalid Refused(string file, string message, string remedy) =>
        new(new FileError(file, 0, 0, message, remedy));
}
