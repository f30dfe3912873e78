using Npgsql;

namespace Segue.Lab.Servers;

/// <summary>Creates a streaming standby like <c>pg_basebackup</c> does, which the downloaded servers lack.</summary>
internal static class Standby
{
    public static async Task<PostgresServer> CreateAsync(
        PostgresServer primary,
        IReadOnlyDictionary<string, string> settings,
        CancellationToken cancellationToken
    )
    {
        DataDirectory directory = DataDirectory.Create(primary.Options.DataRoot, primary.Directory.Account);
        string slot = $"segue_lab_{Guid.NewGuid():N}";
        var standby = new PostgresServer(
            primary.Binaries,
            directory,
            primary.Options with
            {
                Settings = settings,
            },
            () => DropSlotAsync(primary, slot)
        );
        try
        {
            await BackUpAsync(primary, directory, slot, cancellationToken);
            directory.Configure(settings);
            directory.Configure(
                new Dictionary<string, string>
                {
                    ["primary_conninfo"] =
                        $"host=127.0.0.1 port={primary.Port} user=postgres application_name=standby_{standby.Port}",
                    ["primary_slot_name"] = slot,
                }
            );
            await File.WriteAllTextAsync(Path.Combine(directory.Data, "standby.signal"), "", cancellationToken);
            await directory.OwnAsync(cancellationToken);
            await standby.FirstStartAsync(cancellationToken);
            return standby;
        }
        catch
        {
            await standby.DisposeAsync();
            throw;
        }
    }

    private static async Task BackUpAsync(
        PostgresServer primary,
        DataDirectory into,
        string slot,
        CancellationToken cancellationToken
    )
    {
        // PostgreSQL 15 renamed the functions and dropped the exclusive mode.
        (string start, string stop) =
            primary.Major >= 15
                ? ("pg_backup_start('segue', true)", "pg_backup_stop(false)")
                : ("pg_start_backup('segue', true, false)", "pg_stop_backup(false, false)");
        await using var connection = new NpgsqlConnection(primary.ConnectionString() + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);

        // The slot keeps the log from before the copy's start; it is not copied, the standby streams it.
        await QueryAsync(
            connection,
            $"SELECT pg_create_physical_replication_slot('{slot}', true)::text",
            cancellationToken
        );
        await QueryAsync(connection, $"SELECT {start}::text", cancellationToken);
        into.CopyFrom(primary.Directory);
        string label = await QueryAsync(connection, $"SELECT labelfile FROM {stop}", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(into.Data, "backup_label"), label, cancellationToken);
    }

    private static async Task<string> QueryAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    // An abandoned slot retains the primary's log forever.
    private static async Task DropSlotAsync(PostgresServer primary, string slot)
    {
        if (primary.PostmasterPid is null)
            return;
        try
        {
            await primary.ExecuteAsync($"SELECT pg_drop_replication_slot('{slot}')");
        }
        catch (NpgsqlException)
        {
            // The primary has ended, or never got the slot.
        }
    }
}
