using Npgsql;

namespace Segue.Availability.Support;

/// <summary>Somebody else's connection, with a name to be recognised by.</summary>
internal sealed class Session : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private Session(NpgsqlConnection connection) => _connection = connection;

    public int Pid => _connection.ProcessID;

    public static async Task<Session> OpenAsync(string connectionString, string application)
    {
        NpgsqlConnectionStringBuilder settings = new(connectionString)
        {
            ApplicationName = application,
            Pooling = false,
            CommandTimeout = 120,
        };
        NpgsqlConnection connection = new(settings.ConnectionString);
        await connection.OpenAsync();
        return new Session(connection);
    }

    /// <summary>Opens a session that begins a transaction with these statements and stays in it.</summary>
    public static async Task<Session> InTransactionAsync(
        string connectionString,
        string application,
        params string[] statements
    )
    {
        Session session = await OpenAsync(connectionString, application);
        foreach (string statement in (string[])["BEGIN", .. statements])
        {
            await session.ExecuteAsync(statement);
        }

        return session;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using NpgsqlCommand command = new(sql, _connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>For event handlers, which block a thread: waits for the server and for no other thread.</summary>
    public void Execute(string sql)
    {
        using NpgsqlCommand command = new(sql, _connection);
        command.ExecuteNonQuery();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using NpgsqlCommand command = new(sql, _connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Whether its transaction, in which it must be, began that long ago.</summary>
    public Task<bool> IsOlderThanAsync(TimeSpan age) =>
        ScalarAsync<bool>($"SELECT clock_timestamp() - now() > interval '{age.TotalMilliseconds} ms'");

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
