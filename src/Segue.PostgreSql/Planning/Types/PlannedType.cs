using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Types;

/// <summary>A planned type, with the conditions that show whether it exists. The name alone proves nothing.</summary>
/// <param name="Definition">As <see cref="DefinitionOf"/> prints it.</param>
internal sealed record PlannedType(string Schema, string Name, string Definition)
{
    /// <summary>
    /// The definition of an enum or a domain, without its name, owner, grants and comment: from a row of
    /// <c>pg_type</c>.
    /// </summary>
    private static string DefinitionOf(string row) =>
        $"""
            concat_ws(' ', {row}.typtype,
              (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_catalog.pg_enum
                  WHERE enumtypid = {row}.oid),
              CASE WHEN {row}.typtype = 'd' THEN format_type({row}.typbasetype, {row}.typtypmod) END,
                  nullif({row}.typcollation, 0)::regcollation,
              CASE WHEN {row}.typnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr({row}.typdefaultbin, 0),
              (SELECT string_agg(format('%I %s', conname, pg_get_constraintdef(oid)), ', ' ORDER BY conname)
                  FROM pg_catalog.pg_constraint WHERE contypid = {row}.oid))
            """;

    public string Sql => PostgreSql.Connections.Sql.Name(Schema, Name);

    public string Exists =>
        $"EXISTS ({Named} AND {Printing.InPlan(DefinitionOf("t"))} = {PostgreSql.Connections.Sql.Literal(Definition)})";

    /// <summary>Another type has the name. The server renames array types, whose names it chooses itself.</summary>
    public string NameIsTaken =>
        $"(EXISTS ({Named} AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)) AND "
        + $"NOT {Exists})";

    /// <summary>A column, a function or another type that depends on it.</summary>
    public string IsUsed =>
        $"""
            EXISTS ({Named} AND EXISTS (SELECT FROM pg_catalog.pg_depend d
                WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray)
                AND d.deptype <> 'i'
                      AND NOT (d.classid = 'pg_catalog.pg_constraint'::regclass
                          AND d.objid IN (SELECT oid FROM pg_catalog.pg_constraint WHERE contypid = t.oid))))
            """;

    private string Named =>
        "SELECT FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE "
        + $"n.nspname = {PostgreSql.Connections.Sql.Literal(Schema)} AND t.typname = "
        + $"{PostgreSql.Connections.Sql.Literal(Name)}";

    /// <summary>The type as it is now, in the transaction that creates it for the questions.</summary>
    public static async Task<PlannedType> ReadAsync(
        NpgsqlConnection connection,
        string schema,
        string name,
        CancellationToken cancel
    )
    {
        string? definition = await connection.AsideAsync(
            () =>
                connection.ScalarAsync<string>(
                    $"SELECT {Printing.Of(DefinitionOf("t"))} FROM pg_type t JOIN pg_namespace n ON n.oid = "
                        + "t.typnamespace WHERE n.nspname = $1 AND t.typname = $2",
                    cancel,
                    schema,
                    name
                ),
            cancel
        );
        return new PlannedType(schema, name, definition!);
    }

    /// <summary>The step that creates it, and the one that drops it if nothing uses it.</summary>
    /// <param name="kind">In words.</param>
    /// <param name="drop">Drops one.</param>
    public DdlStep Create(string kind, string drop, IReadOnlyList<string> statements)
    {
        string id = $"expand/type/{Schema}.{Name}";
        return TypeTargets.Step(id, $"create {kind} {Name}", statements) with
        {
            Applied = Conditions.Query(Exists),
            Obstacle = new Obstacle(
                Conditions.Query(NameIsTaken),
                $"{Sql} exists and does not belong to this change: it was created after the change was "
                    + "planned, and is not touched. Rename or drop it"
            ),
            Undo =
            [
                TypeTargets.Step($"{id}/undo", $"drop {kind} {Name}", [$"{drop} {Sql}"]) with
                {
                    Applied = Conditions.Query(Conditions.Not(Exists)),
                    Obstacle = new Obstacle(
                        Conditions.Query(Conditions.Either(NameIsTaken, IsUsed)),
                        $"the {kind} {Sql} is used by an object that this change did not create, or is "
                            + $"not as this change created it. `{drop} {Sql}` in psql names the object. Drop "
                            + "that, or restore the type"
                    ),
                },
            ],
        };
    }
}
