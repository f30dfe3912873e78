using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>A planned foreign key.</summary>
internal sealed record PlannedForeignKey(
    string Name,
    IReadOnlyList<string> Columns,
    Table Parent,
    IReadOnlyList<string> ParentColumns,
    ForeignKeyReference Reference
)
{
    private const string ParentCopy = "segue_probe_parent";

    /// <summary>
    /// Casts each referencing value before it is compared, as the server's own check does: the parent's collation, and
    /// without trailing blanks.
    /// </summary>
    public IReadOnlyList<string> Casts { get; init; } = [.. Columns.Select(_ => "")];

    /// <summary>The clause after REFERENCES.</summary>
    public string References => $"{Parent.Sql} ({Sql.Names(ParentColumns)}){Rest}";

    /// <summary>The clause that begins with FOREIGN KEY.</summary>
    public string Definition => $"FOREIGN KEY ({Sql.Names(Columns)}) REFERENCES {References}";

    private string Rest
    {
        get
        {
            string match = Reference.Match == ForeignKeyMatch.Full ? " MATCH FULL" : "";
            string deleted = Reference.OnDeleteColumns.Count == 0 ? "" : $" ({Sql.Names(Reference.OnDeleteColumns)})";
            string deferrable = Reference.Deferrable
                ? $" DEFERRABLE{(Reference.InitiallyDeferred ? " INITIALLY DEFERRED" : "")}"
                : "";
            return match
                + Action("DELETE", Reference.OnDelete)
                + deleted
                + Action("UPDATE", Reference.OnUpdate)
                + deferrable;
        }
    }

    public PlannedConstraint On(string relation) => PlannedConstraint.ForeignKey(relation, this);

    /// <summary>Asks on copies of both sides, so that the parent is not locked against writes.</summary>
    public Task CheckAsync(NpgsqlConnection connection, TableCopy copy, CancellationToken cancel) =>
        copy.TryAsync(
            "references",
            $"Reference columns of {Parent.Sql} that have a primary key or unique constraint, and comparable types.",
            async () =>
            {
                // The copy's indexes are valid, even if the original ones are not.
                if (
                    await connection.ScalarAsync<string?>(InvalidIndex, cancel, Parent.Sql, ParentColumns.ToArray()) is
                    { } invalid
                )
                {
                    throw new ProbeException(
                        $"the index {invalid}, which makes them unique, is not valid.",
                        $"`REINDEX INDEX CONCURRENTLY {invalid}` first."
                    );
                }

                await connection.ExecuteAsync(
                    $"CREATE TEMPORARY TABLE {ParentCopy} (LIKE {Parent.Sql} INCLUDING INDEXES) ON COMMIT DROP",
                    cancel
                );
                try
                {
                    await connection.ExecuteAsync(
                        $"ALTER TABLE {copy.Sql} ADD FOREIGN KEY ({Sql.Names(Columns)}) REFERENCES "
                            + $"pg_temp.{ParentCopy} ({Sql.Names(ParentColumns)}){Rest}",
                        cancel
                    );
                }
                catch (PostgresException error) when (error.MessageText.Contains(ParentCopy, StringComparison.Ordinal))
                {
                    throw new ProbeException(Errors.Describe(error).Replace(ParentCopy, Parent.Name));
                }
            },
            cancel
        );

    /// <summary>$1 the table, $2 columns: an index that would fit if it were valid, if no other fits.</summary>
    private const string InvalidIndex = """
        WITH fitting AS (
            SELECT i.indexrelid, i.indisvalid FROM pg_index i WHERE i.indrelid = $1::regclass AND i.indisunique
                AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
              AND (SELECT array_agg(a.attname::text ORDER BY a.attname)
                  FROM unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) AS key(attnum)
                  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.attnum)
                = ARRAY(SELECT name FROM unnest($2) AS name ORDER BY name))
        SELECT indexrelid::regclass::text FROM fitting WHERE NOT indisvalid
            AND NOT EXISTS (SELECT FROM fitting WHERE indisvalid) LIMIT 1
        """;

    private static string Action(string @event, ReferentialAction action) =>
        action == ReferentialAction.NoAction
            ? ""
            : $" ON {@event} {Text.SnakeCase(action).Replace('_', ' ').ToUpperInvariant()}";
}
