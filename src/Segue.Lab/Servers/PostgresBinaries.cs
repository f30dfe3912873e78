using System.Text.RegularExpressions;

namespace Segue.Lab.Servers;

/// <summary>The programs of one PostgreSQL server: <c>postgres</c>, <c>initdb</c>, <c>pg_ctl</c>.</summary>
/// <param name="Version">The server's own version, as in <c>17.10</c>.</param>
/// <param name="Directory">Where the programs are.</param>
public sealed partial record PostgresBinaries(string Version, string Directory)
{
    /// <summary>The major version, as in 17.</summary>
    public int Major => int.Parse(Version.Split('.')[0]);

    internal string Initdb => Path.Combine(Directory, "initdb" + Suffix);

    internal string Postgres => Path.Combine(Directory, "postgres" + Suffix);

    internal string PgCtl => Path.Combine(Directory, "pg_ctl" + Suffix);

    private static string Suffix => OperatingSystem.IsWindows() ? ".exe" : "";

    /// <summary>The available major versions.</summary>
    public static IReadOnlyList<int> Majors => PostgresPackage.Majors;

    /// <summary>Finds a server's programs, downloading them into the cache if needed.</summary>
    /// <param name="major">14 to 18; null for any.</param>
    /// <param name="preferInstalled">Whether an installed server is used before one is downloaded.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <exception cref="LabException">There is no such version, or it could not be downloaded.</exception>
    public static async Task<PostgresBinaries> FindAsync(
        int? major = null,
        bool preferInstalled = false,
        CancellationToken cancellationToken = default
    )
    {
        if (major is { } asked && !Majors.Contains(asked))
            throw new LabException($"PostgreSQL {asked} is not known here; choose one of {string.Join(", ", Majors)}.");
        if (preferInstalled && await InstalledPostgres.FindAsync(major, cancellationToken) is { } installed)
            return installed;

        // Any version will do: one that is here already saves the download.
        int wanted = major ?? Majors.OrderDescending().FirstOrDefault(PostgresPackage.IsCached, Majors.Max());
        return await PostgresPackage.GetAsync(wanted, cancellationToken);
    }

    internal static async Task<PostgresBinaries?> InspectAsync(string directory, CancellationToken cancellationToken)
    {
        if (
            !((string[])["initdb", "pg_ctl", "postgres"]).All(program =>
                File.Exists(Path.Combine(directory, program + Suffix))
            )
        )
            return null;
        ProgramResult? result = await ExternalProgram.RunAsync(
            [Path.Combine(directory, "postgres" + Suffix), "--version"],
            null,
            cancellationToken
        );
        Match version = VersionPattern().Match(result?.Output ?? "");
        return version.Success ? new PostgresBinaries(version.Groups["version"].Value, directory) : null;
    }

    [GeneratedRegex(
        @"\(PostgreSQL\) (?<version>\d+\.\d+)",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex VersionPattern();
}
