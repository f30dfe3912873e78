using System.Diagnostics;

namespace Segue.Lab.Servers;

/// <summary>A small process that outlives this one: on a signal it stops a server and removes its directory.</summary>
internal static class Caretaker
{
    // Waits for a child that never ends, because a shell handles a signal at once only while it waits. Closing a
    // terminal is not a request to stop.
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
