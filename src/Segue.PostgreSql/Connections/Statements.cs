using System.Data;
using Npgsql;

namespace Segue.PostgreSql.Connections;

/// <summary>
/// Runs one statement at a time. A batch command is sent unchanged through the extended protocol, which refuses a text
/// with more than one statement: a text cannot hide a second statement.
/// </summary>
internal static class Statements
{
    public static async Task<int> ExecuteAsync(
        this NpgsqlConnection connection,
        string sql,
        CancellationToken cancel,
        params object?[] parameters
    )
    {
        await using NpgsqlBatch batch = connection.NewBatch();
        batch.Add(sql, parameters);
        return await batch.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>A statement that may take hours: only a dead connection ends the wait for it.</summary>
    public static async Task ExecuteLongAsync(this NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using NpgsqlBatch batch = connection.NewBatch();
        batch.Timeout = 0;
        batch.Add(sql);
        await batch.ExecuteNonQueryAsync(cancel);
    }

    public static async Task<T?> ScalarAsync<T>(
        this NpgsqlConnection connection,
        string sql,
        CancellationToken cancel,
        params object?[] parameters
    )
    {
        await using NpgsqlBatch batch = connection.NewBatch();
        batch.Add(sql, parameters);
        object? value = await batch.ExecuteScalarAsync(cancel);
        return value is null or DBNull ? default : (T)value;
    }

    public static async Task<IReadOnlyList<T>> QueryAsync<T>(
        this NpgsqlConnection connection,
        string sql,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancel,
        params object?[] parameters
    )
    {
        await using NpgsqlBatch batch = connection.NewBatch();
        batch.Add(sql, parameters);
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancel);
        List<T> rows = [];
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>
    /// The driver reports the use of a lost connection as a misuse, and cleanup after a statement (a rollback to a
    /// savepoint) would replace the loss by that error. Here it is reported as the loss.
    /// </summary>
    public static NpgsqlBatch NewBatch(this NpgsqlConnection connection) =>
        connection.State == ConnectionState.Open
            ? connection.CreateBatch()
            : throw new NpgsqlException(
                "The connection is lost.",
                new IOException("it was open, and was closed from the other side")
            );

    public static void Add(this NpgsqlBatch batch, string sql, params object?[] parameters)
    {
        NpgsqlBatchCommand command = new(sql);
        foreach (object? parameter in parameters)
        {
            command.Parameters.Add(
                parameter as NpgsqlParameter ?? new NpgsqlParameter { Value = parameter ?? DBNull.Value }
            );
        }

        batch.BatchCommands.Add(command);
    }

    public static T? Nullable<T>(this NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? default : reader.GetFieldValue<T>(ordinal);
}
