using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>An existing type.</summary>
internal sealed record ExistingType
{
    public const char Enum = 'e';

    public const char Domain = 'd';

    public required uint Oid { get; init; }

    public required string Schema { get; init; }

    public required string Name { get; init; }

    /// <summary><c>pg_type.typtype</c>.</summary>
    public required char Kind { get; init; }

    public required string Owner { get; init; }

    public required bool IsOwnerOrMember { get; init; }

    /// <summary>The labels of an enum, in sort order.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    public string Sql => PostgreSql.Connections.Sql.Name(Schema, Name);

    /// <summary>Null when no such type is visible.</summary>
    public static async Task<ExistingType?> FindAsync(
        NpgsqlConnection connection,
        TableName name,
        CancellationToken cancel
    )
    {
        string quoted = name.Schema is null
            ? PostgreSql.Connections.Sql.Name(name.Name)
            : PostgreSql.Connections.Sql.Name(name.Schema, name.Name);
        IReadOnlyList<ExistingType> found = await connection.QueryAsync(
            """
            SELECT t.oid, n.nspname::text, t.typname::text, t.typtype, pg_get_userbyid(t.typowner)::text,
                pg_has_role(t.typowner, 'USAGE'),
                   ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder)
            FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = to_regtype($1)
            """,
            row => new ExistingType
            {
                Oid = row.GetFieldValue<uint>(0),
                Schema = row.GetString(1),
                Name = row.GetString(2),
                Kind = row.GetChar(3),
                Owner = row.GetString(4),
                IsOwnerOrMember = row.GetBoolean(5),
                Labels = row.GetFieldValue<string[]>(6),
            },
            cancel,
            quoted
        );
        return found.Count == 0 ? null : found[0];
    }
}
