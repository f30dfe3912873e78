using System.Globalization;
using Segue.Yaml;

namespace Segue.Changes.Files;

/// <summary>Reads all change files of a directory and compares their numbers. Asks no server.</summary>
internal static class ChangeCheck
{
    // Longer ones are dates with times and more; they do not count up.
    private const int MostDigits = 18;

    /// <param name="files">All files of a directory, in order.</param>
    public static IReadOnlyList<CheckedChange> Of(IReadOnlyList<ChangeFile> files)
    {
        List<CheckedChange> found = [];
        Dictionary<long, ChangeFile> numbered = [];
        (long Number, ChangeFile File)? highest = null;
        foreach (ChangeFile file in files)
        {
            (Change? change, List<FileError> errors) = Read(file);
            if (NumberOf(file) is { } number)
            {
                if (!numbered.TryAdd(number, file))
                {
                    errors.Add(Twice(file, numbered[number]));
                }
                else if (highest is { } before && before.Number > number)
                {
                    errors.Add(OutOfOrder(file, before.File));
                }

                highest = highest is { } known && known.Number > number ? known : (number, file);
            }

            found.Add(new CheckedChange(file, change, errors));
        }

        return found;
    }

    private static (Change? Change, List<FileError> Errors) Read(ChangeFile file) =>
        ChangeFileReader.ReadFile(file.Path) switch
        {
            ChangeFileResult.Read read => (read.Change, []),
            ChangeFileResult.Invalid invalid => (null, [.. invalid.Errors]),
            var other => throw new System.Diagnostics.UnreachableException($"{other}"),
        };

    private static long? NumberOf(ChangeFile file)
    {
        string digits = string.Concat(file.Name.TakeWhile(char.IsAsciiDigit));
        return digits.Length is > 0 and <= MostDigits ? long.Parse(digits, CultureInfo.InvariantCulture) : null;
    }

    private static FileError Twice(ChangeFile file, ChangeFile first) =>
        new(
            file.Path,
            0,
            0,
            $"{first.Name} has the same number",
            "Two branches probably added a change each. Give the next free number to the one that was started on no "
                + "database."
        );

    private static FileError OutOfOrder(ChangeFile file, ChangeFile before) =>
        new(
            file.Path,
            0,
            0,
            $"its number is lower than that of {before.Name}, and its name sorts after it",
            "Changes are applied in the order of their names: pad the numbers with zeros to the same length."
        );
}
