using System.Diagnostics;
using Segue.Testing;

namespace Segue.Cli.Tests.EndToEnd;

/// <summary>The scripts, in the real shells.</summary>
public sealed class CompletionTests
{
    [Fact]
    public async Task Verbs_options_and_change_names_are_completed()
    {
        using SegueProject project = new("postgres://localhost:1/none");
        project.WriteChange("0001_orders_note", "operations:\n  - drop_table: { table: orders }\n");

        (await Suggested(project, "ap")).ShouldBe(["apply"]);
        (await Suggested(project, "apply --plan")).ShouldBe(["--plan-hash"]);
        (await Suggested(project, "apply 000")).ShouldBe(["0001_orders_note"]);
        (await Suggested(project, "completion f")).ShouldBe(["fish"]);
    }

    [Theory]
    [InlineData(
        "bash",
        "COMP_LINE='segue ap' COMP_POINT=8 COMP_WORDS=(segue ap) COMP_CWORD=1; _segue; echo $COMPREPLY"
    )]
    [InlineData("zsh", "compadd() { shift; print -l $@ }; words=(segue ap); CURRENT=2; _segue")]
    [InlineData("fish", "complete -C 'segue ap'")]
    [InlineData("powershell", "(TabExpansion2 'segue ap' 8).CompletionMatches | ForEach-Object { $_.CompletionText }")]
    public async Task A_shell_completes_a_verb(string shell, string typed)
    {
        string path = Installed(shell)
            .ShouldNotBeNull($"{shell} is not installed: install it, or pass --without CompletionTests to ./test.sh");

        using SegueProject project = new("postgres://localhost:1/none");
        string script = (await project.RunAsync("completion", shell)).ShouldExit(0).Output;
        DirectoryInfo bin = Directory.CreateDirectory(Path.Combine(project.Directory, "bin"));
        string launcher = Path.Combine(bin.FullName, "segue");
        await File.WriteAllTextAsync(
            launcher,
            $"#!/bin/sh\nexec dotnet {Path.Combine(AppContext.BaseDirectory, "Segue.Cli.dll")} \"$@\"\n"
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(launcher, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        string file = Path.Combine(project.Directory, "script.ps1");
        await File.WriteAllTextAsync(file, $"{Before(shell)}{script}\n{typed}\n");

        ProcessStartInfo start = new(path, shell == "powershell" ? ["-NoProfile", "-File", file] : [file])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = project.Directory,
        };
        start.Environment["PATH"] = $"{bin.FullName}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["HOME"] = project.Directory;
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t')[0])
            .ShouldBe(["apply"]);
    }

    private static string Before(string shell) => shell == "zsh" ? "compdef() { : }\n" : "";

    private static async Task<string[]> Suggested(SegueProject project, string line) =>
        (await project.RunAsync($"[suggest:{line.Length}]", line))
            .ShouldExit(0)
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>On the PATH, or PowerShell where test.sh installs it.</summary>
    private static string? Installed(string shell) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Append(Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../pwsh")))
            .Select(directory => Path.Combine(directory, shell == "powershell" ? "pwsh" : shell))
            .FirstOrDefault(File.Exists);
}
