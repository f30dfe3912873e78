using System.Globalization;
using Spectre.Console;

namespace Segue.Cli;

/// <summary>The real process: its streams, its terminal, its environment.</summary>
internal static class ProcessHost
{
    // Text is wrapped when it is written, and code must not be: so the console itself never wraps.
    private const int NeverWrap = Sheet.Unlimited;
    private const int UsualColumns = 80;

    public static Host Create() =>
        new()
        {
            Out = Console.IsOutputRedirected
                ? ConsoleOn(RedirectedWriter.OfResults(Console.Out), isRedirected: true, NeverWrap)
                : ConsoleOn(Console.Out, isRedirected: false, NeverWrap),
            Error = Console.IsErrorRedirected
                ? ConsoleOn(RedirectedWriter.OfLog(Console.Error), isRedirected: true, NeverWrap)
                : ConsoleOn(Console.Error, isRedirected: false, width: null),
            OutColumns = ColumnsOf(Console.IsOutputRedirected),
            ErrorColumns = ColumnsOf(Console.IsErrorRedirected),
            IsLive =
                !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"),
            Confirm = Console.IsInputRedirected || Console.IsErrorRedirected ? null : AskAsync,
            Variable = Environment.GetEnvironmentVariable,
            Directory = Environment.CurrentDirectory,
            Time = TimeProvider.System,
            Connect = (request, cancel) => request.Engine.ConnectAsync(request, cancel),
        };

    private static IAnsiConsole ConsoleOn(TextWriter writer, bool isRedirected, int? width)
    {
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
                ColorSystem = isRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
                Interactive = InteractionSupport.No,
            }
        );
        console.Profile.Width = width ?? console.Profile.Width;
        return console;
    }

    /// <summary>COLUMNS is set by a person, so it counts also without a terminal.</summary>
    private static int ColumnsOf(bool isRedirected)
    {
        if (
            int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), CultureInfo.InvariantCulture, out int asked)
            && asked > 0
        )
        {
            return asked;
        }

        try
        {
            return isRedirected ? Sheet.Unlimited
                : Console.WindowWidth is > 0 and var columns ? columns
                : UsualColumns;
        }
        catch (IOException)
        {
            return UsualColumns;
        }
    }

    // Reading a line cannot be cancelled: an interrupt leaves it behind.
    private static async Task<bool> AskAsync(string question, CancellationToken cancel)
    {
        await Console.Error.WriteAsync($"{question} [y/N] ");
        string? answer = await Task.Run(Console.ReadLine, cancel).WaitAsync(cancel);
        return answer?.Trim() is "y" or "Y" or "yes" or "Yes";
    }
}
