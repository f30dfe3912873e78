using Spectre.Console;

namespace Segue.Cli.Tests;

/// <summary>A console without colours that keeps what is written.</summary>
internal sealed class TestConsole : IDisposable
{
    private readonly StringWriter _writer = new() { NewLine = "\n" };

    public TestConsole(int width = 100_000)
    {
        Console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(_writer),
            }
        );
        Console.Profile.Width = width;
        Console.Profile.Capabilities.Unicode = true;
    }

    public IAnsiConsole Console { get; }

    public string Text => _writer.ToString();

    public void Dispose() => _writer.Dispose();
}
