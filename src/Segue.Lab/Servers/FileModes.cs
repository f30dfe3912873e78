using System.Runtime.Versioning;

namespace Segue.Lab.Servers;

internal static class FileModes
{
    private const UnixFileMode OpenFile =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>0700, what PostgreSQL demands of a data directory.</summary>
    public const UnixFileMode PrivateDirectory =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>0755.</summary>
    public const UnixFileMode OpenDirectory =
        OpenFile | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Lets every user read the tree and run its programs, whatever the umask of its creator.</summary>
    [UnsupportedOSPlatform("windows")]
    public static void Open(string root)
    {
        File.SetUnixFileMode(root, OpenDirectory);
        foreach (
            FileSystemInfo entry in new DirectoryInfo(root).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
        )
        {
            if (entry.LinkTarget is not null)
                continue;
            bool runs = entry is DirectoryInfo || entry.UnixFileMode.HasFlag(UnixFileMode.UserExecute);
            entry.UnixFileMode = runs ? OpenDirectory : OpenFile;
        }
    }

    /// <summary>
    /// The first directory on the way to <paramref name="path"/> that other users cannot pass, or null.
    /// </summary>
    [UnsupportedOSPlatform("windows")]
    public static string? ClosedAncestor(string path)
    {
        for (DirectoryInfo? at = new(path); at is not null; at = at.Parent)
        {
            if (at.Exists && !at.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                return at.FullName;
        }

        return null;
    }
}
