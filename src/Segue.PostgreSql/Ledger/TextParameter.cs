using Npgsql;
using NpgsqlTypes;

namespace Segue.PostgreSql.Ledger;

/// <summary>A text that may be NULL, with its type, so that the server can tell.</summary>
internal static class TextParameter
{
    public static NpgsqlParameter Of(string? value) =>
        new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)value ?? DBNull.Value };
}
