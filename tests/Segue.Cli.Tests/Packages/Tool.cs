using System.Diagnostics;

namespace Segue.Cli.Tests.Packages;

/// <summary>A process that is run to its end.</summary>
internal static class Tool
{
    /// <returns>What it wrote to stdout and stderr.</returns>
    public static async Task<(int Code, string Output)> RunAsync(
        string file,
        string directory,
        params IReadOnlyList<string> arguments
    )
    {
        ProcessStartInfo start = new(file, arguments)
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
                ["DOTNET_NOLOGO"] = "1",
                ["MSBUILDDISABLENODEREUSE"] = "1",
            },
        };
        foreach (string inherited in start.Environment.Keys.Where(name => name.StartsWith("MSBuild")).ToArray())
        {
            start.Environment.Remove(inherited);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        output += await errors;
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }

    public static string Dotnet =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";
}
