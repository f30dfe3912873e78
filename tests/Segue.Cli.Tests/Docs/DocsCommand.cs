using Spectre.Console;

namespace Segue.Cli.Tests.Docs;

/// <summary>
/// A <c>segue</c> for the shell that hands its words to this process: with a runtime to start for each of them the
/// pages' commands would take a
/// minute. The shell's part, quotes and redirections, stays the shell's.
/// </summary>
internal sealed class DocsCommand : IAsyncDisposable
{
    private readonly FileStream _calls;
    private readonly Task _answering;

    private DocsCommand(string directory)
    {
        Directory = directory;
        // Open for both, the pipe never ends between two calls.
        _calls = new FileStream(
            Path.Combine(directory, "calls"),
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite,
            bufferSize: 1
        );
        _answering = Task.Run(AnswerAsync);
    }

    /// <summary>To be put on the PATH.</summary>
    public string Directory { get; }

    /// <summary>What SEGUE_DATABASE says.</summary>
    public string Database { get; set; } = "";

    public static async Task<DocsCommand> StartAsync(string parent)
    {
        string directory = System.IO.Directory.CreateDirectory(Path.Combine(parent, "bin")).FullName;
        string command = Path.Combine(directory, "segue");
        await File.WriteAllTextAsync(
            command,
            $"""
            #!/bin/sh
            call=$(mktemp -d '{directory}/call.XXXXXX')
            mkfifo "$call/exit"
            for word in "$PWD" "$@"; do printf '%s\0' "$word"; done > "$call/words"
            echo "$call" > '{directory}/calls'
            read -r code < "$call/exit"
            cat "$call/out"
            cat "$call/err" >&2
            exit "$code"

            """
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        using System.Diagnostics.Process mkfifo = System.Diagnostics.Process.Start(
            "mkfifo",
            [Path.Combine(directory, "calls")]
        );
        await mkfifo.WaitForExitAsync();
        return new DocsCommand(directory);
    }

    public async ValueTask DisposeAsync()
    {
        await _calls.WriteAsync("\n"u8.ToArray());
        await _calls.FlushAsync();
        await _answering;
        await _calls.DisposeAsync();
    }

    private async Task AnswerAsync()
    {
        using StreamReader calls = new(_calls, leaveOpen: true);
        while (await calls.ReadLineAsync() is { Length: > 0 } call)
        {
            string[] words = (await File.ReadAllTextAsync(Path.Combine(call, "words"))).Split('\0')[..^1];
            int exit = await RunAsync(call, words[0], words[1..]);
            await File.WriteAllTextAsync(Path.Combine(call, "exit"), $"{exit}\n");
        }
    }

    private async Task<int> RunAsync(string call, string directory, string[] arguments)
    {
        await using StreamWriter output = File.CreateText(Path.Combine(call, "out"));
        await using StreamWriter error = File.CreateText(Path.Combine(call, "err"));
        Host host = ProcessHost.Create() with
        {
            Out = ConsoleOn(output),
            Error = ConsoleOn(error),
            IsLive = false,
            Confirm = null,
            Variable = name => name == "SEGUE_DATABASE" ? Database : Environment.GetEnvironmentVariable(name),
            Directory = directory,
        };
        try
        {
            return await new App(host).RunAsync(arguments, CancellationToken.None);
        }
        catch (Exception fault)
        {
            await error.WriteLineAsync(fault.ToString());
            return -1;
        }
    }

    private static IAnsiConsole ConsoleOn(TextWriter writer)
    {
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
            }
        );
        console.Profile.Width = 100_000;
        return console;
    }
}
