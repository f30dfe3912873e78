using System.Globalization;
using System.Runtime.InteropServices;

namespace Segue.Testing;

/// <summary>
/// A shell without job control starts what runs in its background with SIGINT ignored, and everything that is started
/// from there inherits that. A test that sends Ctrl-C must not depend on the shell it was started from.
/// </summary>
internal static class KeyboardInterrupt
{
    private const int Sigint = 2;
    private const nint Default = 0;
    private const string Status = "/proc/self/status";
    private const string Ignored = "SigIgn:";

    /// <summary>From now on what this process starts does not ignore SIGINT, whatever was inherited.</summary>
    public static void StopIgnoring()
    {
        if (IsIgnored())
        {
            _ = Signal(Sigint, Default);
        }
    }

    private static bool IsIgnored() =>
        File.Exists(Status)
        && File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Ignored, StringComparison.Ordinal)) is { } mask
        && (
            ulong.Parse(mask[Ignored.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            & (1UL << (Sigint - 1))
        ) != 0;

    [DllImport("libc", EntryPoint = "signal"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Signal(int number, nint handler);
}
