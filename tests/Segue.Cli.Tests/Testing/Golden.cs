using System.Runtime.CompilerServices;

namespace Segue.Cli.Tests;

/// <summary>Compares text with the file of that name beside the test. SEGUE_UPDATE_GOLDENS=1 writes it anew.</summary>
internal static class Golden
{
    public static void ShouldMatch(string text, string name, [CallerFilePath] string test = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(test)!, name);
        if (Environment.GetEnvironmentVariable("SEGUE_UPDATE_GOLDENS") is "1")
        {
            File.WriteAllText(path, text);
        }

        string approved = File.ReadAllText(path);
        text.ShouldBe(approved, Difference(approved.Split('\n'), text.Split('\n')));
    }

    /// <summary>The first line that differs: a long text is cut in the message of an assertion.</summary>
    private static string Difference(string[] approved, string[] actual)
    {
        int line = approved.Zip(actual).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"line {line + 1} is `{actual.ElementAtOrDefault(line)}`, "
            + $"approved is `{approved.ElementAtOrDefault(line)}`";
    }
}
