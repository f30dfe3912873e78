namespace Segue.Lab.Servers;

/// <summary>PostgreSQL servers from the machine's own packages.</summary>
internal static class InstalledPostgres
{
    /// <returns>The newest one that fits, or null.</returns>
    public static async Task<PostgresBinaries?> FindAsync(int? major, CancellationToken cancellationToken)
    {
        var found = new List<PostgresBinaries>();
        foreach (string directory in await DirectoriesAsync(cancellationToken))
        {
            if (await PostgresBinaries.InspectAsync(directory, cancellationToken) is { } binaries)
                found.Add(binaries);
        }

        return found
            .Where(binaries =>
                major is null ? PostgresPackage.Majors.Contains(binaries.Major) : binaries.Major == major
            )
            .MaxBy(binaries => binaries.Major);
    }

    private static async Task<IEnumerable<string>> DirectoriesAsync(CancellationToken cancellationToken)
    {
        var directories = new List<string>();
        if (
            await ExternalProgram.RunAsync(["pg_config", "--bindir"], null, cancellationToken) is
            { Succeeded: true } config
        )
            directories.Add(config.Output.Trim());
        directories.AddRange(Below("/usr/lib/postgresql", "*"));
        directories.AddRange(Below("/usr", "pgsql-*"));
        directories.AddRange(Below("/opt/homebrew/opt", "postgresql*"));
        directories.AddRange(Below("/usr/local/opt", "postgresql*"));
        return directories.Distinct();
    }

    private static IEnumerable<string> Below(string parent, string pattern) =>
        Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, pattern).Select(found => Path.Combine(found, "bin"))
            : [];
}
