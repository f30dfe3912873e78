namespace Segue.Cli.Demo;

/// <summary>The place of the report.</summary>
internal static class ReportFile
{
    public const string DefaultName = "segue-demo-report.html";

    /// <summary>Writes it to the given path, else to the temporary files.</summary>
    /// <returns>Its path.</returns>
    public static string Write(string wanted, string html)
    {
        try
        {
            File.WriteAllText(wanted, html);
            return wanted;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string otherwise = Path.Combine(Directory.CreateTempSubdirectory("segue-demo-").FullName, DefaultName);
            File.WriteAllText(otherwise, html);
            return otherwise;
        }
    }
}
