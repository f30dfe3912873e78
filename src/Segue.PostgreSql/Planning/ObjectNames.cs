using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning;

/// <summary>Names for new objects: the server's own way for what stays, <c>segue_*</c> for what goes.</summary>
internal sealed class ObjectNames
{
    private readonly Table _table;
    private readonly HashSet<string> _taken;

    private ObjectNames(Table table, HashSet<string> taken)
    {
        _table = table;
        _taken = taken;
    }

    /// <summary>Names of relations and constraints that the table's schema already has.</summary>
    public static async Task<ObjectNames> ForAsync(NpgsqlConnection connection, Table table, CancellationToken cancel)
    {
        IReadOnlyList<string> taken = await connection.QueryAsync(
            """
            SELECT relname::text FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
            UNION SELECT conname::text FROM pg_constraint WHERE connamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
            """,
            row => row.GetString(0),
            cancel,
            table.Schema);
        return new ObjectNames(table, [.. taken]);
    }

    public ConstraintNames For(string column) => new(
        Choose(column, "check"), Choose(column, "fkey"), Choose(column, "key"), Choose(column, "idx"), Choose(column, "not_null"), Choose(column, "seq"));

    /// <summary>A short mark that is the same for the same change and table, and tells changes apart.</summary>
    public static string Mark(string change, string relation) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{change}\n{relation}")))[..8];

    /// <summary>As <c>makeObjectName</c> and <c>ChooseRelationName</c> do: the longer part is cut first, a number is added when taken.</summary>
    private string Choose(string column, string label) => ForRelation(_table.Name, column, label);

    /// <summary>The same for a partition's object.</summary>
    public string ForRelation(string relation, string column, string label)
    {
        for (int attempt = 0; ; attempt++)
        {
            string name = Make(relation, column, attempt == 0 ? label : $"{label}{attempt}");
            if (_taken.Add(name))
            {
                return name;
            }
        }
    }

    private static string Make(string first, string second, string label)
    {
        int room = Sql.LongestName - Encoding.UTF8.GetByteCount(label) - 2;
        int firstBytes = Encoding.UTF8.GetByteCount(first);
        int secondBytes = Encoding.UTF8.GetByteCount(second);
        while (firstBytes + secondBytes > room)
        {
            if (firstBytes > secondBytes)
            {
                firstBytes--;
            }
            else
            {
                secondBytes--;
            }
        }

        return $"{Sql.Clip(first, firstBytes)}_{Sql.Clip(second, secondBytes)}_{label}";
    }
}
