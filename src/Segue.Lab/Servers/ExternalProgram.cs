using System.ComponentModel;
using System.Diagnostics;

namespace Segue.Lab.Servers;

internal sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    public string Said => string.Join('\n', new[] { Output.Trim(), Error.Trim() }.Where(text => text.Length > 0));
}

internal static class ExternalProgram
{
    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its output, or null if there is no such program.</returns>
    public static async Task<ProgramResult?> RunAsync(
        IReadOnlyList<string> command,
        string? directory,
        CancellationToken cancellationToken
    )
    {
        ProcessStartInfo start = Describe(command, directory);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return null;
        }

        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
            return new ProgramResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    public static ProcessStartInfo Describe(IReadOnlyList<string> command, string? directory)
    {
        var start = new ProcessStartInfo(command[0])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
        };
        foreach (string argument in command.Skip(1))
            start.ArgumentList.Add(argument);

        // PGDATA, PGPORT and similar variables would redirect the server's programs to another real server.
        foreach (
            string name in start
                .Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal))
                .ToList()
        )
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C";
        return start;
    }
}
