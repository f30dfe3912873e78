using System.Diagnostics;

namespace Segue.Lab.Servers;

/// <summary>
/// A small process that waits for this one to end, however it ends, and then stops the server and removes its
/// directory. It waits on a pipe whose other end the system closes with this process. So nothing is polled, no process
/// id can be confused, and a frozen process keeps its server.
/// </summary>
internal sealed class ParentWatch : IDisposable
{
    // Signals that a terminal or a service sends to a whole group must not end the cleanup process.
    private const string Script = """
        trap '' HUP INT QUIT TERM
        exec >/dev/null 2>&1
        if read -r released; then exit 0; fi
        directory=$1; keep=$2; shift 2
        "$@"
        if [ "$keep" = no ]; then rm -rf "$directory"; fi
        """;

    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    private ParentWatch(Process process) => _process = process;

    /// <summary>Starts watching.</summary>
    /// <param name="directory">Removed after the stop.</param>
    /// <param name="keep">Whether the directory stays.</param>
    /// <param name="stop">The command that stops the server.</param>
    public static ParentWatch Start(string directory, bool keep, IReadOnlyList<string> stop)
    {
        string[] shell = ["/bin/sh", "-c", Script, "segue-lab-watch", directory, keep ? "yes" : "no", .. stop];

        return new ParentWatch(Process.Start(ExternalProgram.Describe([.. OwnSession.Prefix, .. shell], "/"))!);
    }

    /// <summary>Ends the watch without cleanup: the server was handled.</summary>
    public async Task ReleaseAsync()
    {
        try
        {
            await _process.StandardInput.WriteLineAsync("released");
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // The watch was killed, so it has ended.
        }

        using var patience = new CancellationTokenSource(GoodbyeTime);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // It was told to end; a busy machine may take long.
        }
    }

    /// <summary>Closes the pipe as the end of this process would: unless released, the watch acts.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.Dispose();
        }
        catch (IOException)
        {
            // There is no reader any more.
        }

        _process.Dispose();
    }
}
