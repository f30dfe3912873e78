using Segue.Yaml;

namespace Segue.Settings;

/// <summary>Finds and reads <c>segue.yaml</c>.</summary>
public static class SettingsFile
{
    /// <summary>The file's name.</summary>
    public const string Name = "segue.yaml";

    /// <summary>The JSON Schema (draft 2020-12) of <c>segue.yaml</c>, for editors.</summary>
    public static string Schema { get; } = SchemaText.Of("Segue settings", SettingsKeys.Value.Schema());

    /// <summary>
    /// The nearest <c>segue.yaml</c> in <paramref name="directory"/> or above it; null if there is none.
    /// </summary>
    public static string? Find(string directory)
    {
        for (DirectoryInfo? place = new(directory); place is not null; place = place.Parent)
        {
            string path = Path.Combine(place.FullName, Name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>A missing or unreadable file is <see cref="SettingsResult.Invalid"/> too.</summary>
    internal static SettingsResult ReadFile(string path)
    {
        Problems problems = new(path);
        return Read(SourceText.FromFile(path, problems), problems);
    }

    /// <summary>Reads text as if it stood in <paramref name="path"/>, which need not exist.</summary>
    internal static SettingsResult ReadText(string path, string text)
    {
        Problems problems = new(path);
        return Read(SourceText.FromText(text, problems), problems);
    }

    private static SettingsResult Read(SourceText? source, Problems problems)
    {
        SegueSettings? written = source is null
            ? null
            : DocumentReader.Read(source.Text, SettingsKeys.Value, Name, problems);
        if (!problems.None)
        {
            return new SettingsResult.Invalid(problems.InOrder);
        }

        // A file that contains only comments is valid.
        SegueSettings settings = written ?? SegueSettings.Default;
        string directory = Path.GetDirectoryName(Path.GetFullPath(problems.File))!;
        return new SettingsResult.Read(settings with { Changes = Path.GetFullPath(settings.Changes, directory) });
    }
}
