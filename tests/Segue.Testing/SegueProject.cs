namespace Segue.Testing;

/// <summary>A directory with change files, and a database they are for: what a user types <c>segue</c> in.</summary>
public sealed class SegueProject : IDisposable
{
    private readonly ScratchDirectory _directory = new();

    /// <param name="database">What SEGUE_DATABASE says; null: it is not set.</param>
    public SegueProject(string? database)
    {
        Environment["SEGUE_DATABASE"] = database;
        Environment["NO_COLOR"] = "1";
    }

    public Dictionary<string, string?> Environment { get; } = [];

    public string Directory => _directory.Path;

    /// <param name="name">A path within the project.</param>
    public void Write(string name, string text) => _directory.Write(name, text);

    public void WriteChange(string change, string yaml) => Write($"changes/{change}.yaml", yaml);

    public SegueProcess Start(params IEnumerable<string> arguments) =>
        SegueProcess.Start(_directory.Path, Environment, arguments);

    /// <summary>Ignoring SIGINT, as a script's <c>&amp;</c> does.</summary>
    public SegueProcess StartInBackground(params IEnumerable<string> arguments) =>
        SegueProcess.StartInBackground(_directory.Path, Environment, arguments);

    public async Task<SegueResult> RunAsync(params IEnumerable<string> arguments)
    {
        using SegueProcess segue = Start(arguments);
        return await segue.EndAsync();
    }

    public void Dispose() => _directory.Dispose();
}
