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

        text.ShouldBe(File.ReadAllText(path));
    }
}
