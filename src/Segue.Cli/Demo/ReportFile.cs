namespace Segue.Cli.Demo;

/// <summary>Where the report is put.</summary>
internal static class ReportFile
{
    public const string DefaultName = "segue-demo-report.html";

    /// <summary>Writes it where it is wanted, else among the temporary files.</summary>
    /// <returns>Where it is.</returns>
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
