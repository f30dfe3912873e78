using System.Diagnostics;
using System.Text;

namespace Segue.Testing;

/// <summary>The command line as users run it: a process of its own.</summary>
public sealed class SegueProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    static SegueProcess() => KeyboardInterrupt.StopIgnoring();

    private SegueProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has said so far, results and remarks.</summary>
    public string Said
    {
        get
        {
            lock (_output)
            {
                return $"{_output}{_error}";
            }
        }
    }

    /// <param name="directory">The directory it works in.</param>
    /// <param name="environment">Variables beside those of this process; null takes one away.</param>
    public static SegueProcess Start(
        string directory,
        IReadOnlyDictionary<string, string?> environment,
        params IEnumerable<string> arguments
    ) => Start([], directory, environment, arguments);

    /// <summary>As a shell does that runs it in the background: it ignores SIGINT.</summary>
    public static SegueProcess StartInBackground(
        string directory,
        IReadOnlyDictionary<string, string?> environment,
        params IEnumerable<string> arguments
    ) => Start(["/bin/sh", "-c", """trap '' INT; exec "$@" """, "background"], directory, environment, arguments);

    private static SegueProcess Start(
        string[] shell,
        string directory,
        IReadOnlyDictionary<string, string?> environment,
        IEnumerable<string> arguments
    )
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host
            ? host
            : "dotnet";
        string[] command = [.. shell, dotnet, Path.Combine(AppContext.BaseDirectory, "Segue.Cli.dll"), .. arguments];
        ProcessStartInfo start = new(command[0], command[1..])
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        SegueProcess segue = new(Process.Start(start)!);
        segue._process.StandardInput.Close();
        segue.Listen();
        return segue;
    }

    /// <summary>Waits for its end.</summary>
    public async Task<SegueResult> EndAsync(TimeSpan? patience = null)
    {
        using CancellationTokenSource deadline = new(patience ?? TimeSpan.FromMinutes(2));
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"segue did not end in time. It said:\n{Said}", late);
        }

        lock (_output)
        {
            return new SegueResult(_process.ExitCode, _output.ToString(), _error.ToString());
        }
    }

    /// <summary>SIGKILL: it has no say in it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <param name="name">As <c>kill</c> knows it: <c>INT</c>, <c>TERM</c>, <c>STOP</c>, <c>CONT</c>.</param>
    public async Task SignalAsync(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Listen()
    {
        _process.OutputDataReceived += (_, line) => Add(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Add(_error, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Add(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                text.Append(line).Append('\n');
            }
        }
    }
}

/// <summary>How a <c>segue</c> ended.</summary>
public sealed record SegueResult(int ExitCode, string Output, string Error)
{
    /// <summary>Fails with all it said when it ended otherwise.</summary>
    public SegueResult ShouldExit(int code) =>
        ExitCode == code
            ? this
            : throw new InvalidOperationException(
                $"segue ended with {ExitCode}, not {code}.\nstdout:\n{Output}\nstderr:\n{Error}"
            );
}
