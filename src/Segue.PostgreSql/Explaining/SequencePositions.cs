using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>Positions of sequences: the last value of each, or its first one.</summary>
internal static class SequencePositions
{
    /// <summary>The sequences among these names that the session may read.</summary>
    public static async Task<IReadOnlyDictionary<long, SequencePosition>> OfAsync(
        NpgsqlConnection connection,
        string[] names,
        CancellationToken cancel
    )
    {
        IReadOnlyList<(long Oid, string Name)> sequences = await connection.QueryAsync(
            """
            SELECT DISTINCT c.oid::bigint, format('%I.%I', n.nspname, c.relname) FROM unnest($1) AS name
                JOIN pg_class c ON c.oid = to_regclass(name) JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'S' AND has_table_privilege(c.oid, 'SELECT')
            """,
            row => (row.GetInt64(0), row.GetString(1)),
            cancel,
            (object)names
        );
        return await ReadAsync(connection, sequences, cancel);
    }

    /// <summary>The sequences of the copies' identity columns.</summary>
    public static async Task<IReadOnlyDictionary<long, SequencePosition>> OfCopiesAsync(
        NpgsqlConnection connection,
        CancellationToken cancel
    )
    {
        IReadOnlyList<(long Oid, string Name)> sequences = await connection.QueryAsync(
            "SELECT c.oid::bigint, format('pg_temp.%I', c.relname) FROM pg_class c WHERE c.relkind = 'S' "
                + "AND c.relnamespace = pg_my_temp_schema()",
            row => (row.GetInt64(0), row.GetString(1)),
            cancel
        );
        return await ReadAsync(connection, sequences, cancel);
    }

    /// <summary>The identity columns of a copy continue from the positions of its table.</summary>
    public static async Task MirrorAsync(
        NpgsqlConnection connection,
        string copy,
        string original,
        CancellationToken cancel
    )
    {
        IReadOnlyList<(string Copy, string Original)> sequences = await connection.QueryAsync(
            """
            SELECT pg_get_serial_sequence($1, a.attname), own.name FROM pg_attribute a
                CROSS JOIN LATERAL (SELECT pg_get_serial_sequence($2, a.attname) AS name) AS own
            WHERE a.attrelid = $1::regclass AND a.attidentity <> '' AND NOT a.attisdropped AND own.name IS NOT NULL
                AND has_sequence_privilege(own.name, 'SELECT')
            """,
            row => (row.GetString(0), row.GetString(1)),
            cancel,
            copy,
            original
        );
        foreach ((string mirror, string sequence) in sequences)
        {
            await connection.ExecuteAsync(
                $"SELECT setval($1::regclass, s.last_value, s.is_called) FROM {sequence} s",
                cancel,
                mirror
            );
        }
    }

    private static async Task<IReadOnlyDictionary<long, SequencePosition>> ReadAsync(
        NpgsqlConnection connection,
        IReadOnlyList<(long Oid, string Name)> sequences,
        CancellationToken cancel
    )
    {
        Dictionary<long, SequencePosition> positions = [];
        foreach ((long oid, string name) in sequences)
        {
            positions[oid] = (
                await connection.QueryAsync(
                    $"SELECT last_value, is_called FROM {name}",
                    row => new SequencePosition(row.GetInt64(0), row.GetBoolean(1)),
                    cancel
                )
            )[0];
        }

        return positions;
    }
}

/// <param name="IsGiven">The value was used already; otherwise it is the next one.</param>
internal sealed record SequencePosition(long Value, bool IsGiven);
