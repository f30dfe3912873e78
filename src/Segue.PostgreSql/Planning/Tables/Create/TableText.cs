using Segue.Changes;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Columns;
using Segue.PostgreSql.Planning.Constraints;
using Segue.PostgreSql.Planning.Indexes;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Create;

/// <summary>
/// A new table as the statements that create it. Foreign keys are left out: each locks its parent, so it is added
/// separately.
/// </summary>
internal sealed class TableText(CreateTable create, string schema)
{
    public string Table { get; } = Sql.Name(schema, create.Table.Name);

    /// <summary>With the key of the change file that each comes from.</summary>
    public IEnumerable<(string Key, string Statement)> Statements()
    {
        yield return ("columns", Create());
        foreach (CreateIndex index in create.Indexes)
        {
            yield return ("indexes", IndexProbe.Statement(index, index.Name is { } name ? Sql.Name(name) : "", Table));
        }

        foreach (NewPartition partition in create.Partitions)
        {
            yield return (
                "partitions",
                $"CREATE {Unlogged}TABLE {Sql.Name(partition.Name.Schema ?? schema, partition.Name.Name)} "
                    + $"PARTITION OF {Table} {Bounds(partition)}"
            );
        }

        if (create.Comment is { } comment)
        {
            yield return ("comment", $"COMMENT ON TABLE {Table} IS {Sql.Literal(comment)}");
        }

        foreach (AddColumn column in create.Columns.Where(column => column.Comment is not null))
        {
            yield return (
                "columns",
                $"COMMENT ON COLUMN {Table}.{Sql.Name(column.Name)} IS {Sql.Literal(column.Comment!)}"
            );
        }
    }

    /// <summary>Texts that are sent to the server as they are, with their key.</summary>
    public IEnumerable<(string Key, string Text)> Texts()
    {
        IEnumerable<(string, string?)> all =
        [
            .. create.Columns.SelectMany(column =>
                new[]
                {
                    ("columns", (string?)column.Type),
                    ("columns", column.Default),
                    ("columns", column.Check),
                    ("columns", column.Generated?.Expression),
                }
            ),
            .. create.Constraints.OfType<AddCheck>().Select(check => ("constraints", (string?)check.Check)),
            .. create
                .Constraints.OfType<AddExclusion>()
                .SelectMany(exclusion =>
                    exclusion
                        .Elements.SelectMany(element => TextsOf("constraints", element.Part))
                        .Append(("constraints", exclusion.Where))
                ),
            .. create.Indexes.SelectMany(index =>
                index.Columns.SelectMany(part => TextsOf("indexes", part)).Append(("indexes", index.Where))
            ),
            .. create.PartitionBy?.Columns.SelectMany(part => TextsOf("partition_by", part)) ?? [],
            .. create
                .Partitions.SelectMany(partition => partition.From.Concat(partition.To).Concat(partition.In))
                .Select(value => ("partitions", (string?)value)),
        ];
        return all.Where(each => each.Item2 is not null).Select(each => (each.Item1, each.Item2!));
    }

    private static IEnumerable<(string, string?)> TextsOf(string key, IndexPart part) =>
        [(key, part.Expression), (key, part.OpClass)];

    private string Unlogged => create.Unlogged ? "UNLOGGED " : "";

    private string Create()
    {
        IEnumerable<string> parts =
        [
            .. create.Columns.Select(Column),
            .. When(create.PrimaryKey.Count > 0, () => $"PRIMARY KEY ({Sql.Names(create.PrimaryKey)})"),
            .. create.Constraints.Where(constraint => constraint is not AddForeignKey).Select(Constraint),
        ];
        string by = create.PartitionBy is { } key
            ? $" PARTITION BY {Text.SnakeCase(key.Method).ToUpperInvariant()} "
                + $"({string.Join(", ", key.Columns.Select(IndexProbe.Part))})"
            : "";
        string with =
            create.With.Count > 0
                ? " WITH ("
                    + string.Join(", ", create.With.Select(option => $"{option.Key} = {Sql.Literal(option.Value)}"))
                    + ")"
                : "";
        string tablespace = create.Tablespace is { } space ? $" TABLESPACE {Sql.Name(space)}" : "";
        return $"CREATE {Unlogged}TABLE {Table} (\n  {string.Join(",\n  ", parts)}){by}{with}{tablespace}";
    }

    private static string Column(AddColumn column)
    {
        string collate = column.Collation is { } collation ? $" COLLATE {TypeNames.Collation(collation)}" : "";
        string value = column switch
        {
            { Identity: { } identity } => $" {SequenceText.Identity(identity)}",
            { Generated: { } generated } => $" GENERATED ALWAYS AS {Sql.Parenthesised(generated.Expression)} "
                + $"{(generated.Stored ? "STORED" : "VIRTUAL")}",
            { Default: { } expression } => $" DEFAULT {Sql.Parenthesised(expression)}",
            _ => "",
        };
        string check = column.Check is { } condition ? $" CHECK {Sql.Parenthesised(condition)}" : "";
        string nullable = column.Nullable ? "" : " NOT NULL";
        string unique = column.Unique ? " UNIQUE" : "";
        return $"{Sql.Name(column.Name)} {column.Type}{collate}{value}{nullable}{unique}{check}";
    }

    private static string Constraint(TableOperation constraint) =>
        constraint switch
        {
            AddCheck check =>
                $"{Named(check.Name)}CHECK {Sql.Parenthesised(check.Check)}{(check.NoInherit ? " NO INHERIT" : "")}",
            AddUnique unique => $"{Named(unique.Name)}UNIQUE{(unique.NullsNotDistinct ? " NULLS NOT DISTINCT" : "")} "
                + $"({Sql.Names(unique.Columns)})"
                + (unique.Include.Count > 0 ? $" INCLUDE ({Sql.Names(unique.Include)})" : "")
                + Deferrable(unique.Deferrable, unique.InitiallyDeferred),
            AddExclusion exclusion => $"{Named(exclusion.Name)}{ExclusionPlanning.Clause(exclusion)}",
            _ => throw new InvalidOperationException($"{constraint.Title} is not a constraint of a new table."),
        };

    private static string Named(string? name) => name is null ? "" : $"CONSTRAINT {Sql.Name(name)} ";

    private static string Deferrable(bool deferrable, bool initially) =>
        deferrable ? $" DEFERRABLE{(initially ? " INITIALLY DEFERRED" : "")}" : "";

    private static string Bounds(NewPartition partition) =>
        partition switch
        {
            { Default: true } => "DEFAULT",
            { In.Count: > 0 } => $"FOR VALUES IN ({string.Join(", ", partition.In)})",
            { Modulus: { } modulus } => $"FOR VALUES WITH (MODULUS {modulus}, REMAINDER {partition.Remainder})",
            _ => $"FOR VALUES FROM ({string.Join(", ", partition.From)}) TO ({string.Join(", ", partition.To)})",
        };
}
