using System.Diagnostics;
using System.Text.Json.Nodes;
using Segue.Cli.Demo;
using Segue.PostgreSql.Addresses;
using Segue.Projects;

namespace Segue.Cli.Tests.Demo;

/// <summary>A process to run a demo in: what it prints is kept, its server lives in a directory of its own.</summary>
internal sealed class DemoHost : IDisposable
{
    private readonly TestConsole _out = new();
    private readonly TestConsole _error = new();

    public DemoHost()
    {
        // Made by the server's own code, so that whoever runs the server may enter it.
        DataRoot = Path.Combine(Path.GetTempPath(), $"segue-demo-test-{Guid.NewGuid():N}");
        Directory = System.IO.Directory.CreateTempSubdirectory("segue-demo-test-").FullName;
        Host = new Host
        {
            Out = _out.Console,
            Error = _error.Console,
            Variable = _ => null,
            Directory = Directory,
            Time = TimeProvider.System,
            Connect = (request, cancel) => request.Engine.ConnectAsync(request, cancel),
        };
    }

    public Host Host { get; }

    public string Directory { get; }

    public string DataRoot { get; }

    public string Out => _out.Text;

    public string Error => _error.Text;

    public JsonObject Json => JsonNode.Parse(Out).ShouldBeOfType<JsonObject>(Error);

    /// <summary>A short demo.</summary>
    public DemoOptions Options =>
        new()
        {
            Rows = 20_000,
            Rate = 100,
            Report = Path.Combine(Directory, "report.html"),
            DataRoot = DataRoot,
            Times = new DemoTimes
            {
                WarmUp = TimeSpan.FromSeconds(0.5),
                Baseline = TimeSpan.FromSeconds(1),
                SideBySide = TimeSpan.FromSeconds(1),
                NewAlone = TimeSpan.FromSeconds(0.5),
                After = TimeSpan.FromSeconds(1),
            },
        };

    /// <summary>No process works in the server's directory any more, and nothing is in it.</summary>
    public void ShouldHaveLeftNothing()
    {
        if (System.IO.Directory.Exists(DataRoot))
        {
            System.IO.Directory.GetFileSystemEntries(DataRoot).ShouldBeEmpty();
        }

        if (OperatingSystem.IsLinux())
        {
            Process.GetProcesses().Where(Mentions).ShouldBeEmpty();
        }
    }

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
        if (System.IO.Directory.Exists(DataRoot))
        {
            System.IO.Directory.Delete(DataRoot, recursive: true);
        }
    }

    private bool Mentions(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(DataRoot, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
