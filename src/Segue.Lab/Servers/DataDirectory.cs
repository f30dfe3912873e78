using System.Text;

namespace Segue.Lab.Servers;

/// <summary>A server's directory: <c>data</c> (PostgreSQL's own) and <c>server.log</c>.</summary>
internal sealed record DataDirectory(string Root, ServerAccount Account)
{
    private const string HostBasedAuthentication = """
        host all         all 127.0.0.1/32 trust
        host replication all 127.0.0.1/32 trust

        """;

    // These contents belong to the running server, or the server that starts from the copy rebuilds them.
    private static readonly string[] NotCopied =
    [
        "pg_wal",
        "pg_replslot",
        "pg_dynshmem",
        "pg_notify",
        "pg_serial",
        "pg_snapshots",
        "pg_stat_tmp",
        "pg_subtrans",
    ];

    private static readonly string[] NotCopiedFiles = ["postmaster.pid", "postmaster.opts", "pg_internal.init"];

    public string Data => Path.Combine(Root, "data");

    public string Log => Path.Combine(Root, "server.log");

    public static DataDirectory Create(string? parent, ServerAccount account)
    {
        parent = Path.GetFullPath(parent ?? Path.GetTempPath());
        Directory.CreateDirectory(parent);
        account.MustReach(parent, "Choose another data root.");
        string root = Path.Combine(parent, $"segue-pg-{Guid.NewGuid().ToString("N")[..12]}");
        MakePrivate(root);
        return new DataDirectory(root, account);
    }

    /// <summary>
    /// Fills the directory with a new, empty cluster: a copy of an earlier one, because initdb takes a second or more.
    /// </summary>
    public async Task InitializeAsync(PostgresBinaries binaries, CancellationToken cancellationToken)
    {
        string template = Path.Combine(LabCache.Directory, "data", $"{binaries.Version}-{Account.Name}");
        await LabCache.EnsureAsync(template, into => InitdbAsync(binaries, into, cancellationToken), cancellationToken);
        Copy(template, Data, [], []);
        await OwnAsync(cancellationToken);
    }

    /// <summary>Copies the files of a running server that is in backup mode (<c>pg_backup_start</c>).</summary>
    public void CopyFrom(DataDirectory running) => Copy(running.Data, Data, NotCopied, NotCopiedFiles);

    public Task OwnAsync(CancellationToken cancellationToken) => Account.OwnAsync(Root, cancellationToken);

    /// <summary>Adds settings; the last one of a name counts.</summary>
    public void Configure(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var lines = new StringBuilder("\n");
        foreach ((string name, string value) in settings)
            lines.Append($"{name} = '{value.Replace("\\", "\\\\").Replace("'", "''")}'\n");
        File.AppendAllText(Path.Combine(Data, "postgresql.conf"), lines.ToString());
    }

    /// <summary>The postmaster's process id, or null when none is running.</summary>
    public int? ProcessId => int.TryParse(ProcessFileLine(1), out int id) && ProcessLife.IsAlive(id) ? id : null;

    /// <summary>Whether the server says so itself.</summary>
    public bool AcceptsConnections => ProcessId is not null && ProcessFileLine(8)?.Trim() is "ready" or "standby";

    /// <summary>The last lines the server wrote.</summary>
    public string LogTail() =>
        File.Exists(Log) ? string.Join('\n', File.ReadAllLines(Log).TakeLast(12)) : "(it wrote no log)";

    public async Task DeleteAsync()
    {
        const int Attempts = 50;
        for (int attempt = 1; Directory.Exists(Root); attempt++)
        {
            try
            {
                Directory.Delete(Root, recursive: true);
            }
            catch (IOException) when (attempt < Attempts)
            {
                // The sessions of a killed postmaster still write until they notice.
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    private async Task InitdbAsync(PostgresBinaries binaries, string into, CancellationToken cancellationToken)
    {
        await Account.OwnAsync(into, cancellationToken);
        string[] initdb =
        [
            binaries.Initdb,
            "-D",
            into,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ];
        ProgramResult result = await Account.RunAsync(initdb, into, cancellationToken);
        if (!result.Succeeded)
            throw new LabException(
                $"initdb of PostgreSQL {binaries.Version} ({binaries.Directory}) failed: {result.Said}"
            );
        await File.WriteAllTextAsync(Path.Combine(into, "pg_hba.conf"), HostBasedAuthentication, cancellationToken);
    }

    // The lines of postmaster.pid: https://github.com/postgres/postgres/blob/master/src/include/utils/pidfile.h
    private string? ProcessFileLine(int number)
    {
        try
        {
            return File.ReadLines(Path.Combine(Data, "postmaster.pid")).ElementAtOrDefault(number - 1);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Copy(
        string from,
        string to,
        IReadOnlyCollection<string> emptied,
        IReadOnlyCollection<string> skipped
    )
    {
        MakePrivate(to);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            if (!skipped.Contains(Path.GetFileName(file)))
                CopyFile(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (string directory in Directory.EnumerateDirectories(from))
        {
            string copy = Path.Combine(to, Path.GetFileName(directory));
            if (emptied.Contains(Path.GetFileName(directory)))
                MakePrivate(copy);
            else
                Copy(directory, copy, emptied, skipped);
        }
    }

    private static void CopyFile(string from, string to)
    {
        try
        {
            File.Copy(from, to);
        }
        catch (FileNotFoundException)
        {
            // A running server drops files; the replay of its log does the same to the copy.
        }
    }

    private static void MakePrivate(string directory)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, FileModes.PrivateDirectory);
    }
}
