using System.Diagnostics;

namespace Segue.Lab.Servers;

/// <summary>A small process that outlives this one: told to end, it stops a server and removes its directory.</summary>
internal static class Caretaker
{
    // Waits on a child that never ends, for a shell acts on a signal at once only while it waits. A terminal that
    // closes is no order.
    private const string Script = """
        exec </dev/null >/dev/null 2>&1
        trap '' HUP
        tail -f /dev/null & waiting=$!
        trap 'kill "$waiting"' INT TERM
        wait "$waiting"
        trap '' INT TERM
        kill "$waiting"
        directory=$1; shift
        "$@"
        rm -rf "$directory"
        """;

    /// <param name="directory">Removed after the stop.</param>
    /// <param name="stop">The command that stops the server.</param>
    /// <returns>The process id to send SIGTERM or SIGINT to.</returns>
    public static int Start(string directory, IReadOnlyList<string> stop)
    {
        string[] shell = ["/bin/sh", "-c", Script, "segue-lab-caretaker", directory, .. stop];
        using var process = Process.Start(ExternalProgram.Describe([.. OwnSession.Prefix, .. shell], "/"))!;
        return process.Id;
    }
}
