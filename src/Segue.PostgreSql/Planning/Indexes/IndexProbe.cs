using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Indexes;

/// <summary>Asks the server about an index on a copy of the table.</summary>
internal sealed class IndexProbe(NpgsqlConnection connection, ServerFacts server, TableCopy copy, CreateIndex operation)
{
    /// <summary>
    /// Null if it is impossible; the copy then reports why. The name is the one the server would choose.
    /// </summary>
    public async Task<(IndexDefinition? Definition, string? Name)> AskAsync(CancellationToken cancel)
    {
        if (!AreTexts())
        {
            return default;
        }

        (IndexDefinition Definition, string? Name)? found = null;
        foreach ((string key, string remedy, CreateIndex index) in PartByPart())
        {
            found = await TryAsync(key, remedy, index, cancel);
            if (found is null)
            {
                return default;
            }
        }

        CreateIndex onRows = operation with { Unique = false, NullsNotDistinct = false, Tablespace = null };
        return
            !ComputesOrFilters
            || await new IndexTrial(connection, copy.Table, copy).TryAsync(
                "columns",
                Create(onRows, PlannedIndex.ProbeName),
                server,
                cancel
            )
            ? (found!.Value.Definition with { Tablespace = operation.Tablespace }, found.Value.Name)
            : default;
    }

    /// <summary>For plain columns in a B-tree the proof before the build checks every row.</summary>
    private bool ComputesOrFilters =>
        operation.Where is not null
        || operation.Method is not (null or "btree")
        || operation.Columns.Any(part => part.Expression is not null);

    /// <summary>The index with one key of the change file after the other, so that a problem names its key.</summary>
    private IEnumerable<(string Key, string Remedy, CreateIndex Index)> PartByPart()
    {
        CreateIndex asked = operation with
        {
            Include = [],
            Where = null,
            With = new Dictionary<string, string>(),
            Tablespace = null,
        };
        yield return (
            "columns",
            "Name columns of the table, or expressions over it, of types that the index method supports.",
            asked
        );
        if (operation.Include.Count > 0)
        {
            asked = asked with { Include = operation.Include };
            yield return ("include", "Name columns of the table; not every index method supports them.", asked);
        }

        if (operation.With.Count > 0)
        {
            asked = asked with { With = operation.With };
            yield return ("with", "Storage parameters are in the documentation of CREATE INDEX.", asked);
        }

        if (operation.Tablespace is not null)
        {
            asked = asked with { Tablespace = operation.Tablespace };
            yield return ("tablespace", "`\\db` in psql lists the existing ones.", asked);
        }

        if (operation.Where is not null)
        {
            asked = asked with { Where = operation.Where };
            yield return (
                "where",
                "Write a boolean expression over the table's columns, of immutable functions.",
                asked
            );
        }
    }

    private async Task<(IndexDefinition Definition, string? Name)?> TryAsync(
        string key,
        string remedy,
        CreateIndex index,
        CancellationToken cancel
    )
    {
        (IndexDefinition, string?)? found = null;
        return await copy.TryAsync(
            key,
            remedy,
            async () =>
            {
                await connection.ExecuteAsync(Create(index, ""), cancel);
                string? name = await connection.ScalarAsync<string>(
                    "SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
                        + "WHERE i.indrelid = $1::regclass",
                    cancel,
                    copy.Sql
                );
                string probe = Create(index, PlannedIndex.ProbeName);
                found = (await PlannedIndex.ProbeAsync(connection, probe, cancel), name);
            },
            cancel
        )
            ? found
            : null;
    }

    /// <summary>A key's value under the collation the index gives it.</summary>
    public static string ValueOf(IndexPart part) =>
        (part.Column is { } column ? Sql.Name(column) : Sql.Parenthesised(part.Expression!))
        + (part.Collation is { } collation ? $" COLLATE {TypeNames.Collation(collation)}" : "");

    private bool AreTexts()
    {
        bool good = operation.Where is not { } where || copy.IsExpression("where", where);
        foreach (IndexPart part in operation.Columns)
        {
            good = (part.Expression is not { } expression || copy.IsExpression("columns", expression)) && good;
            good = (part.OpClass is not { } opClass || copy.IsExpression("columns", opClass)) && good;
        }

        if (OddOption(operation.With) is { } odd)
        {
            copy.Refuse(
                "with",
                $"\"{odd}\" is not a storage parameter.",
                "Storage parameters are in the documentation of CREATE INDEX."
            );
            return false;
        }

        return good;
    }

    /// <summary>
    /// A name that cannot be a storage parameter, and that a statement would read as another option; null if there is
    /// none.
    /// </summary>
    public static string? OddOption(IReadOnlyDictionary<string, string> options) =>
        options.Keys.FirstOrDefault(name =>
            !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.')
        );

    private string Create(CreateIndex index, string name) => Statement(index, name, copy.Sql);

    /// <param name="name">As SQL writes it; empty for the server's choice.</param>
    /// <param name="relation">Qualified and quoted.</param>
    public static string Statement(CreateIndex index, string name, string relation)
    {
        string method = index.Method is { } given ? $" USING {Sql.Name(given)}" : "";
        string include = index.Include.Count > 0 ? $" INCLUDE ({Sql.Names(index.Include)})" : "";
        string nulls = index.NullsNotDistinct ? " NULLS NOT DISTINCT" : "";
        string with =
            index.With.Count > 0
                ? " WITH ("
                    + string.Join(", ", index.With.Select(option => $"{option.Key} = {Sql.Literal(option.Value)}"))
                    + ")"
                : "";
        string tablespace = index.Tablespace is { } space ? $" TABLESPACE {Sql.Name(space)}" : "";
        string where = index.Where is { } condition ? $" WHERE {Sql.Parenthesised(condition)}" : "";
        return $"CREATE {(index.Unique ? "UNIQUE " : "")}INDEX {name} ON {relation}{method} "
            + $"({string.Join(", ", index.Columns.Select(Part))}){include}{nulls}{with}{tablespace}{where}";
    }

    /// <summary>A key as CREATE INDEX and EXCLUDE write it.</summary>
    public static string Part(IndexPart part)
    {
        string opClass = part.OpClass is { } given ? $" {OpClass(given)}" : "";
        string order = part.Order == SortOrder.Desc ? " DESC" : "";
        string nulls = part.Nulls is { } place ? $" NULLS {Text.SnakeCase(place).ToUpperInvariant()}" : "";
        return $"{ValueOf(part)}{opClass}{order}{nulls}";
    }

    /// <summary>The name quoted, its parameters unchanged.</summary>
    private static string OpClass(string text)
    {
        int open = text.IndexOf('(');
        string name = (open < 0 ? text : text[..open]).Trim();
        string parameters = open < 0 ? "" : text[open..];
        string quoted = name.Contains('"') ? name : string.Join('.', name.Split('.').Select(Sql.Name));
        return quoted + parameters;
    }
}
