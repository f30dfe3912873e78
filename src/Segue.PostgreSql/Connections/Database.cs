using Npgsql;

namespace Segue.PostgreSql.Connections;

/// <summary>Connections to the target, and shortcuts for queries.</summary>
internal sealed class Database : IAsyncDisposable
{
    /// <summary>
    /// Lease, its guard, two fills with two transactions each, throttle, ledger, and one for planning or polling.
    /// </summary>
    internal const int SessionsNeeded = 9;

    /// <summary>
    /// Longer than every limit of the server for a short statement. A server that does not answer within it is lost: a
    /// network can fail silently, and nothing else would ever report that.
    /// </summary>
    private const int ShortStatementSeconds = 120;

    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlDataSource _own;
    private readonly NpgsqlDataSource _elsewhere;

    public Database(string connectionString, string applicationName, TimeProvider time)
    {
        Time = time;
        NpgsqlConnectionStringBuilder settings = new(connectionString)
        {
            ApplicationName = applicationName,
            CommandTimeout = ShortStatementSeconds,
            TcpKeepAlive = true,
            TcpKeepAliveTime = 10,
            TcpKeepAliveInterval = 5,
            // No statement of ours leaves anything in a shared session, and Npgsql has no limit for the reset it would
            // send before the next one.
            NoResetOnClose = true,
            MaxAutoPrepare = 0,
            Multiplexing = false,
            Enlist = false,
            KeepAlive = 30,
            IncludeErrorDetail = true,
            // Distinguishes a table that is locked as a whole from a locked row.
            IncludeFailedBatchedCommand = true,
            // Several batches of a fill are sent in one write: a runner that freezes leaves no half of one, with rows
            // locked, at the server.
            WriteBufferSize = 128 * 1024,
            // A change writes: of several hosts the primary is chosen below; a single host is used as it is.
            TargetSessionAttributes = null,
        };
        if (IsOnlyUnixSockets(settings.Host))
        {
            // A Unix socket has neither keepalive timers nor TLS; libpq ignores both there as well.
            settings.TcpKeepAlive = false;
            settings.Remove("Tcp Keepalive Time");
            settings.Remove("Tcp Keepalive Interval");
            settings.SslMode = SslMode.Disable;
        }

        _source = Source(settings);
        _own = Source(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false });
        _elsewhere = Source(
            new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false, Database = "postgres" },
            builder => builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false))
        );
        Host = $"{settings.Host}:{settings.Port}";
        Name = settings.Database ?? settings.Username ?? "";
    }

    /// <summary>Host and port, without secrets.</summary>
    public string Host { get; }

    public string Name { get; }

    /// <summary>For code that waits or measures by another clock than the server's.</summary>
    public TimeProvider Time { get; }

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancel) => _source.OpenConnectionAsync(cancel);

    /// <summary>A session that is not reused: its settings end with it.</summary>
    public ValueTask<NpgsqlConnection> OpenOwnAsync(CancellationToken cancel) => _own.OpenConnectionAsync(cancel);

    /// <summary>A session in another database of the server, which nearly every server has.</summary>
    public ValueTask<NpgsqlConnection> OpenElsewhereAsync(CancellationToken cancel) =>
        _elsewhere.OpenConnectionAsync(cancel);

    /// <summary>Closes pooled connections that an error may have broken.</summary>
    public void Clear() => _source.Clear();

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _own.DisposeAsync();
        await _elsewhere.DisposeAsync();
    }

    public async Task<IReadOnlyList<T>> QueryAsync<T>(
        string sql,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel,
        params object?[] parameters
    )
    {
        await using NpgsqlConnection connection = await OpenAsync(cancel);
        return await connection.QueryAsync(sql, read, cancel, parameters);
    }

    public async Task<T?> ScalarAsync<T>(string sql, CancellationToken cancel, params object?[] parameters)
    {
        await using NpgsqlConnection connection = await OpenAsync(cancel);
        return await connection.ScalarAsync<T>(sql, cancel, parameters);
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancel, params object?[] parameters)
    {
        await using NpgsqlConnection connection = await OpenAsync(cancel);
        await connection.ExecuteAsync(sql, cancel, parameters);
    }

    private static bool IsSeveralHosts(string? hosts) => hosts?.Contains(',') == true;

    private static bool IsOnlyUnixSockets(string? hosts) =>
        hosts?.Split(',').All(host => host.Trim() is ['/' or '@', ..]) == true;

    /// <summary>The host that accepts writes is the primary, also after a failover.</summary>
    private static NpgsqlDataSource Source(
        NpgsqlConnectionStringBuilder settings,
        Action<NpgsqlDataSourceBuilder>? configure = null
    )
    {
        NpgsqlDataSourceBuilder builder = new(settings.ConnectionString);
        configure?.Invoke(builder);
        builder.UsePhysicalConnectionInitializer(
            connection => Ours(connection).ExecuteNonQuery(),
            connection => Ours(connection).ExecuteNonQueryAsync(CancellationToken.None)
        );
        return IsSeveralHosts(settings.Host)
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }

    /// <summary>
    /// A role or database may have time limits meant for its app, or read strings in an old way; every transaction of
    /// ours that needs one sets its own. The cores belong to the app: no statement of ours gets parallel workers or is
    /// compiled (for a foreign key's proof that takes some hundred milliseconds of a core). And no commit of ours waits
    /// for a standby, because it would hold its locks meanwhile: <see cref="Execution.Confirmation"/> waits afterwards.
    /// </summary>
    private static NpgsqlCommand Ours(NpgsqlConnection connection) =>
        new(
            """
            SELECT set_config(name, CASE name WHEN 'synchronous_commit' THEN 'local'
                WHEN 'standard_conforming_strings' THEN 'on' ELSE '0' END, false) FROM pg_settings
            WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_session_timeout',
                'idle_in_transaction_session_timeout',
                'max_parallel_workers_per_gather', 'jit') AND setting NOT IN ('0', 'off')
              OR name = 'synchronous_commit' AND setting NOT IN ('off', 'local')
              OR name = 'standard_conforming_strings' AND setting <> 'on'
            """,
            connection
        );
}
