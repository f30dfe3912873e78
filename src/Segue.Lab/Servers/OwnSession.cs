namespace Segue.Lab.Servers;

/// <summary>
/// Starts a program in a separate session, where Ctrl-C and a kill of our process group do not reach it.
/// </summary>
internal static class OwnSession
{
    /// <summary>The prefix of the command; empty without <c>setsid</c> (macOS).</summary>
    public static IReadOnlyList<string> Prefix { get; } =
        ((string[])["/usr/bin/setsid", "/bin/setsid"]).FirstOrDefault(File.Exists) is { } setsid ? [setsid] : [];
}
