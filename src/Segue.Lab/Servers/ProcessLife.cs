using System.Diagnostics;

namespace Segue.Lab.Servers;

internal static class ProcessLife
{
    private static readonly TimeSpan CheckEvery = TimeSpan.FromMilliseconds(10);

    public static bool IsAlive(int id)
    {
        try
        {
            // A zombie is dead: only its parent has not collected it yet.
            if (OperatingSystem.IsLinux())
                return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Ends a process with SIGKILL and waits until it has ended.</summary>
    public static async Task KillAsync(int id, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (ArgumentException)
        {
            return;
        }

        while (IsAlive(id))
            await Task.Delay(CheckEvery, cancellationToken);
    }
}
