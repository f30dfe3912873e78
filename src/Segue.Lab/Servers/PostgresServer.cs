using System.Collections.Concurrent;
using Npgsql;

namespace Segue.Lab.Servers;

/// <summary>
/// A real PostgreSQL server on 127.0.0.1, of this process only: when the process ends, however it ends, the server
/// stops and its data is removed. The superuser is <c>postgres</c>, without a password.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    // Keeps servers that were not disposed from being collected, and stops them if there is no watch.
    private static readonly ConcurrentDictionary<PostgresServer, bool> Running = StopAllAtExit();

    private readonly DataDirectory _directory;
    private readonly PostgresBinaries _binaries;
    private readonly Postmaster _postmaster;
    private readonly PostgresServerOptions _options;
    private readonly ParentWatch? _watch;
    private readonly Func<Task>? _afterDispose;

    internal PostgresServer(
        PostgresBinaries binaries,
        DataDirectory directory,
        PostgresServerOptions options,
        Func<Task>? afterDispose = null
    )
    {
        _binaries = binaries;
        _postmaster = new Postmaster(binaries, directory);
        _directory = directory;
        _options = options;
        _afterDispose = afterDispose;
        Port = FreePort.Find();
        if (!OperatingSystem.IsWindows())
            _watch = ParentWatch.Start(
                directory.Root,
                options.KeepOnDispose,
                _postmaster.StopCommand(StopMode.Immediate)
            );
        Running[this] = true;
    }

    /// <summary>The port on 127.0.0.1. It stays the same when the server restarts.</summary>
    public int Port { get; private set; }

    /// <summary>The server's version, as in <c>17.10</c>.</summary>
    public string Version => _binaries.Version;

    /// <summary>The major version, as in 17.</summary>
    public int Major => _binaries.Major;

    /// <summary>PostgreSQL's data directory.</summary>
    public string DataDirectory => _directory.Data;

    /// <summary>The server's log file.</summary>
    public string LogFile => _directory.Log;

    /// <summary>The postmaster's process id; null while the server is stopped.</summary>
    public int? PostmasterPid => _directory.ProcessId;

    internal DataDirectory Directory => _directory;

    internal PostgresBinaries Binaries => _binaries;

    internal PostgresServerOptions Options => _options;

    /// <summary>
    /// Starts a server with an empty cluster (UTF8, locale C) and waits until it accepts connections.
    /// </summary>
    /// <exception cref="LabException">No binaries, or the server did not start; the message has its last log
    /// lines.</exception>
    public static async Task<PostgresServer> StartAsync(
        PostgresServerOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        options ??= new PostgresServerOptions();
        ServerAccount account = await ServerAccount.DetectAsync(cancellationToken);
        account.MustReach(LabCache.Directory, "Set SEGUE_CACHE to a directory that it can enter.");
        PostgresBinaries binaries = await PostgresBinaries.FindAsync(
            options.Major,
            options.PreferInstalled,
            cancellationToken
        );
        Servers.DataDirectory directory = Servers.DataDirectory.Create(options.DataRoot, account);
        var server = new PostgresServer(binaries, directory, options);
        try
        {
            await directory.InitializeAsync(binaries, cancellationToken);
            directory.Configure(options.Settings);
            await server.FirstStartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>An ADO.NET connection string.</summary>
    public string ConnectionString(string database = "postgres", string user = "postgres") =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Database = database,
            Username = user,
        }.ConnectionString;

    /// <summary>A <c>postgres://</c> URL.</summary>
    public string Url(string database = "postgres", string user = "postgres") =>
        $"postgres://{Uri.EscapeDataString(user)}@127.0.0.1:{Port}/{Uri.EscapeDataString(database)}";

    /// <summary>Creates an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(string name, CancellationToken cancellationToken = default)
    {
        await ExecuteAsync($"""CREATE DATABASE "{name.Replace("\"", "\"\"")}" """, cancellationToken);
        return ConnectionString(name);
    }

    /// <summary>Runs a statement as superuser in the database <c>postgres</c>.</summary>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(ConnectionString() + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Creates and starts a streaming standby of this server, which keeps running meanwhile.</summary>
    /// <param name="settings">Additional settings. Default: none.</param>
    /// <param name="cancellationToken">Ends the copying.</param>
    public Task<PostgresServer> CreateStandbyAsync(
        IReadOnlyDictionary<string, string>? settings = null,
        CancellationToken cancellationToken = default
    ) => Standby.CreateAsync(this, settings ?? new Dictionary<string, string>(), cancellationToken);

    /// <summary>Promotes this standby and waits until it accepts writes.</summary>
    public Task PromoteAsync(CancellationToken cancellationToken = default) =>
        _postmaster.PromoteAsync(cancellationToken);

    /// <summary>
    /// Starts the server again after a stop or a kill, on the same port, and waits until it accepts connections.
    /// </summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        if (!await _postmaster.StartAsync(cancellationToken))
            throw DidNotStart();
    }

    /// <summary>Stops the server. It can be started again.</summary>
    public Task StopAsync(StopMode mode = StopMode.Fast, CancellationToken cancellationToken = default) =>
        _postmaster.StopAsync(mode, cancellationToken);

    /// <summary>Stops the server and starts it again on the same port.</summary>
    public async Task RestartAsync(StopMode mode = StopMode.Fast, CancellationToken cancellationToken = default)
    {
        await StopAsync(mode, cancellationToken);
        await StartAgainAsync(cancellationToken);
    }

    /// <summary>
    /// Kills the postmaster with SIGKILL, as the out-of-memory killer would; its sessions end with it.
    /// </summary>
    public Task KillAsync(CancellationToken cancellationToken = default) => _postmaster.KillAsync(cancellationToken);

    /// <summary>Stops the server and removes its data, unless it is to be kept.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!Running.TryRemove(this, out _))
            return;
        await StopForGoodAsync();
        _postmaster.Dispose();
        if (_watch is not null)
        {
            await _watch.ReleaseAsync();
            _watch.Dispose();
        }

        if (!_options.KeepOnDispose)
            await _directory.DeleteAsync();
        if (_afterDispose is not null)
            await _afterDispose();
    }

    /// <summary>
    /// Lets the server outlive this process: it and its data stay until somebody runs the returned command. Then there
    /// is nothing to dispose.
    /// </summary>
    /// <returns>A command for a shell that stops the server and removes its data.</returns>
    public async Task<string> LeaveRunningAsync()
    {
        if (_watch is null)
            throw new LabException(
                "A server that outlives the command that started it needs a POSIX shell, which this system lacks."
            );
        int caretaker = Caretaker.Start(_directory.Root, _postmaster.StopCommand(StopMode.Fast));
        Running.TryRemove(this, out _);
        await _watch.ReleaseAsync();
        _watch.Dispose();
        _postmaster.Dispose();
        return $"kill {caretaker}";
    }

    /// <summary>Starts for the first time, on another port if the free one was taken meanwhile.</summary>
    internal async Task FirstStartAsync(CancellationToken cancellationToken)
    {
        const int Attempts = 5;
        for (int attempt = 1; ; attempt++)
        {
            _directory.Configure(
                new Dictionary<string, string>
                {
                    ["listen_addresses"] = "127.0.0.1",
                    ["port"] = Port.ToString(),
                    ["unix_socket_directories"] = "",
                }
            );
            if (await _postmaster.StartAsync(cancellationToken))
                return;
            if (attempt == Attempts || !_directory.LogTail().Contains("could not bind", StringComparison.Ordinal))
                throw DidNotStart();
            Port = FreePort.Find();
        }
    }

    private LabException DidNotStart() =>
        new($"PostgreSQL {Version} did not start on port {Port}. Its log ends:\n{_directory.LogTail()}");

    private async Task StopForGoodAsync()
    {
        try
        {
            await StopAsync(_options.KeepOnDispose ? StopMode.Fast : StopMode.Immediate);
        }
        catch (LabException)
        {
            await KillAsync();
        }
    }

    private static ConcurrentDictionary<PostgresServer, bool> StopAllAtExit()
    {
        var running = new ConcurrentDictionary<PostgresServer, bool>();
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (PostgresServer server in running.Keys.Where(server => server._watch is null))
                server.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(10));
        };
        return running;
    }
}
