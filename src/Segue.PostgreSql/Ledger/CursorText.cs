using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Segue.Engines;

namespace Segue.PostgreSql.Ledger;

/// <summary>The place of a fill as the ledger stores it.</summary>
internal static class CursorText
{
    /// <summary>
    /// Null when somebody made it unreadable: the table is then filled from its start, and rows that have their value
    /// are not written again.
    /// </summary>
    public static BackfillCursor? Read(string json)
    {
        try
        {
            BackfillCursor? cursor = JsonSerializer.Deserialize<BackfillCursor>(json, JsonSerializerOptions.Web);
            return
                cursor is { Next: >= 0, Pass: >= 0, Skipped: not null }
                && cursor.Next <= cursor.End
                && cursor.Pass <= cursor.Passes
                ? cursor
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static NpgsqlParameter Parameter(BackfillCursor cursor) =>
        new()
        {
            NpgsqlDbType = NpgsqlDbType.Jsonb,
            Value = JsonSerializer.Serialize(cursor, JsonSerializerOptions.Web),
        };
}
