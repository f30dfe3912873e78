using System.Diagnostics;

namespace Segue.Lab.Servers;

/// <summary>The server's first process: started, stopped, killed.</summary>
internal sealed class Postmaster(PostgresBinaries binaries, DataDirectory directory) : IDisposable
{
    // The log is a file and not a pipe to us: when we are frozen, a full pipe would freeze the server too.
    private const string Script = """
        log=$1; shift
        exec "$@" >>"$log" 2>&1 </dev/null
        """;

    private static readonly TimeSpan CheckEvery = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(100);

    private Process? _process;

    /// <summary>The command that stops the server, for any user.</summary>
    public IReadOnlyList<string> StopCommand(StopMode mode)
    {
        string how = mode == StopMode.Fast ? "fast" : "immediate";
        return
        [
            .. directory.Account.Prefix,
            binaries.PgCtl,
            "stop",
            "-D",
            directory.Data,
            "-m",
            how,
            "-w",
            "-t",
            "120",
        ];
    }

    /// <summary>Starts the server and waits until it accepts connections.</summary>
    /// <returns>False if it ended instead; its log has the reason.</returns>
    public async Task<bool> StartAsync(CancellationToken cancellationToken)
    {
        const int Attempts = 50;
        for (int attempt = 1; ; attempt++)
        {
            if (await StartOnceAsync(cancellationToken))
                return true;

            // The sessions of a killed postmaster hold the shared memory until they notice.
            if (attempt == Attempts || !directory.LogTail().Contains("shared memory block", StringComparison.Ordinal))
                return false;
            await Task.Delay(RetryEvery, cancellationToken);
        }
    }

    public async Task StopAsync(StopMode mode, CancellationToken cancellationToken)
    {
        if (directory.ProcessId is null)
            return;
        ProgramResult? result = await ExternalProgram.RunAsync(StopCommand(mode), directory.Root, cancellationToken);
        if (directory.ProcessId is not null)
            throw new LabException(
                $"PostgreSQL {binaries.Version} did not stop: {result?.Said}\n{directory.LogTail()}"
            );
        await WaitForEndAsync(cancellationToken);
    }

    /// <summary>Ends the postmaster with SIGKILL.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        if (directory.ProcessId is { } id)
            await ProcessLife.KillAsync(id, cancellationToken);
        await WaitForEndAsync(cancellationToken);
    }

    public async Task PromoteAsync(CancellationToken cancellationToken)
    {
        ProgramResult result = await directory.Account.RunAsync(
            [binaries.PgCtl, "promote", "-D", directory.Data, "-w"],
            directory.Root,
            cancellationToken
        );
        if (!result.Succeeded)
            throw new LabException($"The standby could not be promoted: {result.Said}\n{directory.LogTail()}");
    }

    public void Dispose() => _process?.Dispose();

    private async Task<bool> StartOnceAsync(CancellationToken cancellationToken)
    {
        // pg_ctl on Windows drops an administrator's privileges, because the server refuses to start with them.
        if (OperatingSystem.IsWindows())
        {
            ProgramResult result = await directory.Account.RunAsync(
                [binaries.PgCtl, "start", "-D", directory.Data, "-l", directory.Log, "-w"],
                directory.Root,
                cancellationToken
            );
            return result.Succeeded;
        }

        // Elsewhere the server is our own child. One that pg_ctl started would belong to process 1. If that is slow to
        // collect dead children, as in many containers, the zombie of a killed postmaster prevents the next start.
        _process?.Dispose();
        string[] shell = ["/bin/sh", "-c", Script, "segue-lab", directory.Log, binaries.Postgres, "-D", directory.Data];
        string[] command = [.. OwnSession.Prefix, .. directory.Account.Prefix, .. shell];
        _process = Process.Start(ExternalProgram.Describe(command, directory.Root))!;
        try
        {
            while (!_process.HasExited)
            {
                if (directory.AcceptsConnections)
                    return true;
                await Task.Delay(CheckEvery, cancellationToken);
            }

            return false;
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw;
        }
    }

    // Collects the dead child, so that its process id is free before the next start checks it.
    private async Task WaitForEndAsync(CancellationToken cancellationToken)
    {
        if (_process is not null)
            await _process.WaitForExitAsync(cancellationToken);
    }
}
