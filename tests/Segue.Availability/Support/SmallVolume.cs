using System.Diagnostics;
using Segue.PostgreSql.Throttling;

namespace Segue.Availability.Support;

/// <summary>
/// A directory on a volume of its own where this process may mount one; otherwise one that is measured against a quota.
/// </summary>
internal sealed class SmallVolume : IDisposable
{
    private readonly long _bytes;
    private readonly bool _isMounted;

    public SmallVolume(long bytes)
    {
        _bytes = bytes;
        Directory.CreateDirectory(Path);
        _isMounted =
            OperatingSystem.IsLinux()
            && Environment.IsPrivilegedProcess
            && Succeeds("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", Path);
    }

    public string Path { get; } =
        System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"segue-volume-{Guid.NewGuid().ToString("N")[..8]}");

    public long Free => Read(new ServerPlace(PlaceKind.Log, "", Path)).Free;

    /// <summary>As <see cref="Volume.Read"/>, and by the quota for what leads here.</summary>
    public Volume Read(ServerPlace place) =>
        _isMounted || !LeadsHere(place.Path)
            ? Volume.Read(place)
            : new Volume(
                place.Holds,
                place.Path,
                _bytes
                    - new DirectoryInfo(Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length),
                _bytes
            );

    /// <summary>Moves a directory of a stopped server here, and leaves a link where it was.</summary>
    public void TakeOver(string directory)
    {
        GiveTo(directory);
        Run("cp", "-a", $"{directory}/.", Path);
        Directory.Delete(directory, recursive: true);
        Directory.CreateSymbolicLink(directory, Path);
    }

    /// <summary>Gives it to the owner of another directory, a server's.</summary>
    public void GiveTo(string directory)
    {
        Run("chown", $"--reference={directory}", Path);
        Run("chmod", "700", Path);
    }

    public void Dispose()
    {
        if (_isMounted)
        {
            Run("umount", "--lazy", Path);
        }

        Directory.Delete(Path, recursive: true);
    }

    private bool LeadsHere(string path) => path == Path || new DirectoryInfo(path).LinkTarget == Path;

    private static void Run(string program, params string[] arguments) =>
        Succeeds(program, arguments).ShouldBeTrue(program);

    private static bool Succeeds(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
