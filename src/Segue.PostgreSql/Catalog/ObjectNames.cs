using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// Names for new objects: the server's own scheme for permanent ones, <c>segue_*</c> for temporary ones.
/// </summary>
internal sealed class ObjectNames
{
    private readonly Table _table;

    /// <summary>A table's constraints stand under its qualified name.</summary>
    private readonly HashSet<(string Schema, string Name)> _taken;

    private ObjectNames(Table table, HashSet<(string Schema, string Name)> taken)
    {
        _table = table;
        _taken = taken;
    }

    /// <summary>Names of existing relations and constraints in the schemas of the table and its partitions.</summary>
    /// <param name="taken">By earlier operations of the change; these names are added.</param>
    public static async Task<ObjectNames> ForAsync(
        NpgsqlConnection connection,
        Table table,
        HashSet<(string Schema, string Name)> taken,
        CancellationToken cancel
    )
    {
        IReadOnlyList<(string, string)> there = await connection.QueryAsync(
            """
            SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = ANY ($1)
            UNION SELECT n.nspname::text, k.conname::text FROM pg_constraint k
                JOIN pg_namespace n ON n.oid = k.connamespace WHERE n.nspname = ANY ($1)
            UNION SELECT $3, k.conname::text FROM pg_constraint k WHERE k.conrelid = $2::oid
            """,
            row => (row.GetString(0), row.GetString(1)),
            cancel,
            table.Partitions.Select(partition => partition.Schema).Append(table.Schema).Distinct().ToArray(),
            (long)table.Oid,
            table.Sql
        );
        taken.UnionWith(there);
        return new ObjectNames(table, taken);
    }

    /// <summary>For the objects of a new column; no other names are reserved.</summary>
    public ConstraintNames For(AddColumn column)
    {
        return new ConstraintNames(
            Of("check", column.Check is not null),
            Of("fkey", column.References is not null),
            Of("key", column.Unique),
            Of("idx", column.Index),
            Of("not_null", !column.Nullable)
        );

        string Of(string label, bool isWanted) =>
            isWanted ? ForRelation(_table.Schema, _table.Name, column.Name, label) : "";
    }

    /// <summary>Names of Segue's own constraints, as a regular expression of the server.</summary>
    public const string OwnConstraints = "^segue_(nn|pb)_[0-9a-f]{8}$";

    /// <summary>Names of Segue's own triggers, including those that set one of several columns.</summary>
    public const string OwnTriggers =
        "^~?segue_[0-9a-f]{8}_((insert|update)(_back)?|update_of|a[0-9]+_set|"
        + "a_old_(insert|insert_null|update_[0-9]+))$";

    /// <summary>Names of dropped columns that are kept, as a regular expression of the server.</summary>
    public const string KeptColumns = "^segue_kept_[0-9a-f]{8}_";

    /// <summary>The name of a dropped column while it is kept in its table.</summary>
    public static string KeptColumn(string mark, string column) =>
        Sql.Clip($"segue_kept_{mark}_{column}", Sql.LongestName);

    /// <summary>The temporary CHECK that proves NOT NULL.</summary>
    public static string NotNullCheck(string column, string relation) => $"segue_nn_{Mark(column, relation)}";

    /// <summary>The temporary CHECK that proves which rows a partition's bound takes.</summary>
    public static string BoundCheck(string root, string relation) => $"segue_pb_{Mark(root, relation)}";

    /// <summary>A short hash that is the same for the same change and table, and differs between changes.</summary>
    public static string Mark(string change, string relation) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{change}\n{relation}")))[..8];

    /// <summary>A primary key's.</summary>
    public string Primary => $"{Sql.Clip(_table.Name, Sql.LongestName - 5)}_pkey";

    /// <summary>
    /// The name of a partition's object, derived from its root's: the partition's name replaces the table's name in it.
    /// </summary>
    public string Like(string name, string table, Partition partition)
    {
        string rest = name.StartsWith(table + "_", StringComparison.Ordinal) ? name[(table.Length + 1)..] : name;
        int label = rest.LastIndexOf('_');
        return label > 0
            ? ForRelation(partition.Schema, partition.Name, rest[..label], rest[(label + 1)..])
            : ForRelation(partition.Schema, partition.Name, rest, "idx");
    }

    /// <summary>The name, or the name with a number if it is taken.</summary>
    public string Free(string name)
    {
        for (int attempt = 0; ; attempt++)
        {
            string number = attempt == 0 ? "" : $"{attempt}";
            string free = Sql.Clip(name, Sql.LongestName - number.Length) + number;
            if (_taken.Add((_table.Schema, free)))
            {
                return free;
            }
        }
    }

    /// <summary>False if an object of the table's schema has it.</summary>
    public bool Take(string name) => _taken.Add((_table.Schema, name));

    /// <summary>False if a constraint of the table has it; another table's may.</summary>
    public bool TakeConstraint(string name) => _taken.Add((_table.Sql, name));

    /// <summary>For a constraint that is served by an index.</summary>
    public bool TakeBoth(string name) => Take(name) & TakeConstraint(name);

    /// <summary>
    /// Like <c>makeObjectName</c> and <c>ChooseRelationName</c>: cuts the longer part first, and adds a number if the
    /// name is taken.
    /// </summary>
    /// <param name="column">Empty for names without one, such as a primary key's.</param>
    public string ForRelation(string schema, string relation, string column, string label)
    {
        for (int attempt = 0; ; attempt++)
        {
            string name = Make(relation, column, attempt == 0 ? label : $"{label}{attempt}");
            if (_taken.Add((schema, name)))
            {
                return name;
            }
        }
    }

    internal static string Make(string first, string second, string label)
    {
        string end = second.Length == 0 ? $"_{label}" : $"__{label}";
        int room = Sql.LongestName - Encoding.UTF8.GetByteCount(end);
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

        return second.Length == 0
            ? Sql.Clip(first, firstBytes) + end
            : $"{Sql.Clip(first, firstBytes)}_{Sql.Clip(second, secondBytes)}_{label}";
    }
}
