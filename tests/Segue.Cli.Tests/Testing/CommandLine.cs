using System.Text.Json.Nodes;
using Segue.Engines;
using Segue.Projects;

namespace Segue.Cli.Tests;

/// <summary>The whole command line in a directory of its own, on an engine without a server.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly List<IDisposable> _consoles = [];

    public CommandLine() => System.IO.Directory.CreateDirectory(Changes);

    public FakeEngine Engine { get; } = new();

    public Dictionary<string, string> Variables { get; } =
        new() { ["SEGUE_DATABASE"] = "postgres://app:sesame@db/shop" };

    /// <summary>What the person at the terminal answers; null: there is no terminal.</summary>
    public bool? Answer { get; set; }

    /// <summary>What the person was asked, in all runs.</summary>
    public List<string> Questions { get; } = [];

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("segue-cli-").FullName;

    public string Changes => Path.Combine(Directory, "changes");

    /// <summary>Stdout of the last run.</summary>
    public string Out { get; private set; } = "";

    /// <summary>Stderr of the last run.</summary>
    public string Error { get; private set; } = "";

    public JsonNode Json => JsonNode.Parse(Out)!;

    public void AddChange(string name, string column = "note") =>
        File.WriteAllText(
            Path.Combine(Changes, $"{name}.yaml"),
            $"operations:\n  - add_column:\n      table: orders\n      name: {column}\n      type: text\n"
        );

    public async Task<int> RunAsync(params IReadOnlyList<string> arguments) =>
        await RunAsync(CancellationToken.None, arguments);

    public async Task<int> RunAsync(CancellationToken cancel, params IReadOnlyList<string> arguments)
    {
        TestConsole output = new();
        TestConsole error = new();
        _consoles.AddRange([output, error]);
        int code = await new App(
            new Host
            {
                Out = output.Console,
                Error = error.Console,
                Confirm = Answer is { } answer ? (question, _) => Answered(question, answer) : null,
                Variable = Variables.GetValueOrDefault,
                Directory = Directory,
                Time = TimeProvider.System,
                Connect = (_, _) => Task.FromResult<Result<IEngine>>(new Result<IEngine>.Good(Engine)),
            }
        ).RunAsync(arguments, cancel);
        (Out, Error) = (output.Text, error.Text);
        return code;
    }

    private Task<bool> Answered(string question, bool answer)
    {
        Questions.Add(question);
        return Task.FromResult(answer);
    }

    public void Dispose()
    {
        _consoles.ForEach(console => console.Dispose());
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
