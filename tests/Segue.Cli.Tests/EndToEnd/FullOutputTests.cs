using System.Diagnostics;

namespace Segue.Cli.Tests.EndToEnd;

/// <summary>
/// Output that cannot be written: <c>/dev/full</c> stands for a full volume, <c>&gt;&amp;-</c> closes it.
/// </summary>
public class FullOutputTests
{
    [Theory]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    public async Task An_unwritable_log_file_does_not_end_a_change(string log)
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();

        (await RunAsync(shop, $"apply {log}")).ShouldBe((0, ""));

        ((string)(await shop.StatusAsync())["status"]!).ShouldBe("waiting");
    }

    [Theory]
    [InlineData(">/dev/full", "No space left on device")]
    [InlineData(">&-", "it is closed")]
    public async Task A_result_that_cannot_be_written_is_reported_without_a_stack_trace(string results, string why)
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();

        (await RunAsync(shop, $"status --output json {results}")).ShouldBe(
            (1, $"error: segue: stdout cannot be written: {why}.")
        );
    }

    private static async Task<(int Code, string Error)> RunAsync(Workshop shop, string command)
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", $"dotnet {typeof(App).Assembly.Location} {command}"])
        {
            WorkingDirectory = shop.Project.Directory,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SEGUE_DATABASE"] = shop.Database.Server.Url(shop.Database.Name);
        using Process shell = Process.Start(start)!;
        Task<string> output = shell.StandardOutput.ReadToEndAsync();
        string error = await shell.StandardError.ReadToEndAsync();
        await output;
        await shell.WaitForExitAsync();
        return (shell.ExitCode, error.Trim());
    }
}
