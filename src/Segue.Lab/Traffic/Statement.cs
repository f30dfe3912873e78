using Npgsql;

namespace Segue.Lab.Traffic;

/// <summary>A statement of an application with its values.</summary>
internal sealed record Statement(string Sql, params object[] Values)
{
    /// <summary>Runs statements in one round trip. Outside a transaction they are one.</summary>
    public static async Task RunAsync(
        NpgsqlConnection connection,
        IEnumerable<Statement> statements,
        CancellationToken cancellationToken
    )
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (Statement statement in statements)
        {
            var command = new NpgsqlBatchCommand(statement.Sql);
            foreach (object value in statement.Values)
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        RunAsync(connection, [this], cancellationToken);
}
