using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// Checks privileges, before anything begins, that only a later stage would need. Privileges that the probe needs as
/// well (types, functions) the server checks there.
/// </summary>
internal sealed class Rights(NpgsqlConnection connection, Table table, ServerFacts server, CancellationToken cancel)
{
    /// <summary>Owner of the trigger's function: a superuser makes the table's owner its owner.</summary>
    private string TriggerOwner => server.IsSuperuser ? table.Owner : server.Role;

    /// <summary>The trigger's expression runs as the owner of its function, whoever fires it.</summary>
    public async Task<IReadOnlyList<Problem>> ToReadAsync(NewColumn column, string where)
    {
        IReadOnlyList<string> forbidden = await connection.QueryAsync(
            "SELECT relation FROM unnest($1) AS relation WHERE NOT has_table_privilege($2, relation, 'SELECT')",
            row => row.GetString(0),
            cancel,
            column.Fill!.Reads.ToArray(),
            TriggerOwner
        );
        IReadOnlyList<(string Function, string Schema, bool Reach)> uncallable = await connection.QueryAsync(
            """
            SELECT p.oid::regprocedure::text, n.nspname::text, has_schema_privilege($2, n.oid, 'USAGE')
                FROM unnest($1) AS called
            JOIN pg_proc p ON p.oid = called::regprocedure JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE NOT (has_function_privilege($2, p.oid, 'EXECUTE') AND has_schema_privilege($2, n.oid, 'USAGE'))
            """,
            row => (row.GetString(0), row.GetString(1), row.GetBoolean(2)),
            cancel,
            column.Fill.Functions.ToArray(),
            TriggerOwner
        );
        IReadOnlyList<string> hidden = await connection.QueryAsync(
            """
            SELECT relation FROM unnest($1) AS relation JOIN pg_class c ON c.oid = relation::regclass
                JOIN pg_roles o ON o.rolname = $2
            WHERE row_security_active(c.oid) OR (c.relrowsecurity AND NOT o.rolsuper AND NOT o.rolbypassrls
                AND (c.relforcerowsecurity OR NOT pg_has_role(o.oid, c.relowner, 'USAGE')))
            """,
            row => row.GetString(0),
            cancel,
            column.Fill.Reads.ToArray(),
            TriggerOwner
        );
        string owner =
            $"{TriggerOwner}, {(TriggerOwner == table.Owner ? $"the owner of {table.Name}" : "our role")}, may not";
        return
        [
            .. forbidden.Select(relation => new Problem(
                where,
                $"the expression reads {relation}, which {owner}.",
                $"`GRANT SELECT ON {relation} TO {Sql.Name(TriggerOwner)}`."
            )),
            .. hidden.Select(relation => new Problem(
                where,
                $"the expression reads {relation}, whose row security applies to our role or to "
                    + $"{TriggerOwner}, who will own the sync trigger: hidden rows would give a wrong value.",
                "Use roles with BYPASSRLS, or let the expression call a function that may see all rows."
            )),
            .. uncallable.Select(call => new Problem(
                where,
                $"the expression calls {call.Function}, which {owner}.",
                call.Reach
                    ? $"`GRANT EXECUTE ON FUNCTION {call.Function} TO {Sql.Name(TriggerOwner)}`."
                    : $"`GRANT USAGE ON SCHEMA {Sql.Name(call.Schema)} TO {Sql.Name(TriggerOwner)}`."
            )),
        ];
    }

    /// <summary>An index of its own needs that too.</summary>
    /// <param name="what">E.g. <c>the index</c>.</param>
    public async Task<IReadOnlyList<Problem>> ToIndexAsync(string what, string where) =>
        ToCreate(
            await LackingAsync(
                table.Partitions.Select(partition => partition.Schema).Append(table.Schema).Distinct(),
                "CREATE"
            ),
            what,
            where
        );

    /// <summary>
    /// An index or a sequence is created in its table's schema, which needs more than owning the table.
    /// </summary>
    public async Task<IReadOnlyList<Problem>> ToCreateAsync(NewColumn column, string where)
    {
        string? what = column.Change switch
        {
            { Identity: not null } => "its sequence",
            { Unique: true } or { Index: true } => "its index",
            _ => null,
        };
        IEnumerable<string> schemas = column.Change.Index
            ? table.Partitions.Select(partition => partition.Schema).Append(table.Schema).Distinct()
            : [table.Schema];
        return what is null ? [] : ToCreate(await LackingAsync(schemas, "CREATE"), what, where);
    }

    private IReadOnlyList<Problem> ToCreate(IReadOnlyList<string> schemas, string what, string where) =>
        [
            .. schemas.Select(schema => new Problem(
                where,
                $"{what} would be created in schema {schema}, where our role may not create objects.",
                $"`GRANT CREATE ON SCHEMA {Sql.Name(schema)} TO {Sql.Name(server.Role)}`."
            )),
        ];

    /// <summary>
    /// A view that replaces the table is created by our role and then belongs to the table's owner; a rename needs the
    /// same privilege.
    /// </summary>
    public Task<IReadOnlyList<Problem>> ToStandInAsync(string where) =>
        ToGiveAsync("the view of the old name", table.Schema, table.Owner, where);

    /// <summary>A view that is dropped and recreated keeps its owner.</summary>
    public async Task<IReadOnlyList<Problem>> ToMakeAgainAsync(Dependent view, string where)
    {
        bool isOurs =
            server.IsSuperuser
            || await connection.ScalarAsync<bool>("SELECT pg_has_role($1, 'USAGE')", cancel, view.Owner);
        return isOurs
            ? await ToGiveAsync(view.Title, view.Schema!, view.Owner!, where)
            :
            [
                new Problem(
                    where,
                    $"{view.Title} depends on the type and belongs to {view.Owner}: our role may not "
                        + "drop and recreate it.",
                    $"`GRANT {Sql.Name(view.Owner!)} TO {Sql.Name(server.Role)}`, or connect as a role that owns both."
                ),
            ];
    }

    private async Task<IReadOnlyList<Problem>> ToGiveAsync(string view, string schema, string owner, string where)
    {
        string? lacking =
            server.IsSuperuser || owner == server.Role
                ? null
                : await connection.ScalarAsync<string>(
                    "SELECT CASE WHEN NOT has_schema_privilege($1, $2, 'CREATE') THEN 'create' WHEN NOT "
                        + "pg_has_role($1, $3) THEN 'give' END",
                    cancel,
                    owner,
                    schema,
                    server.Major < 16 ? "MEMBER" : "SET"
                );
        return
        [
            .. ToCreate(await LackingAsync([schema], "CREATE"), view, where),
            .. lacking is null
                ? Array.Empty<Problem>()
                :
                [
                    lacking == "create"
                        ? new Problem(
                            where,
                            $"{view} would belong to {owner}, who may not create objects in schema {schema}.",
                            $"`GRANT CREATE ON SCHEMA {Sql.Name(schema)} TO {Sql.Name(owner)}`."
                        )
                        : new Problem(
                            where,
                            $"our role cannot make {owner} the owner of {view}.",
                            $"`GRANT {Sql.Name(owner)} TO {Sql.Name(server.Role)} WITH SET TRUE`, or "
                                + $"connect as {owner}."
                        ),
                ],
        ];
    }

    /// <summary>Partitions are filled and proven by their own names.</summary>
    public async Task<IReadOnlyList<Problem>> ToUsePartitionsAsync(string where) =>
        [
            .. (await LackingAsync(table.Partitions.Select(partition => partition.Schema).Distinct(), "USAGE")).Select(
                schema => new Problem(
                    where,
                    $"partitions are in schema {schema}, which our role may not use.",
                    $"`GRANT USAGE ON SCHEMA {Sql.Name(schema)} TO {Sql.Name(server.Role)}`."
                )
            ),
        ];

    /// <summary>
    /// The parent is copied empty to try the foreign key, and each row's parent is looked up before it is added.
    /// </summary>
    public async Task<IReadOnlyList<Problem>> ToReferenceAsync(
        Table parent,
        IReadOnlyList<string> parentColumns,
        string where
    )
    {
        IReadOnlyList<string> lacking = await connection.QueryAsync(
            """
            SELECT 'reference' WHERE EXISTS (SELECT FROM pg_attribute WHERE attrelid = $1::oid AND attname = ANY ($2)
                AND NOT has_column_privilege(attrelid, attnum, 'REFERENCES'))
            UNION ALL SELECT 'read' WHERE NOT has_table_privilege($1::oid, 'SELECT')
            """,
            row => row.GetString(0),
            cancel,
            (long)parent.Oid,
            parentColumns.ToArray()
        );
        return lacking.Count == 0
            ? []
            :
            [
                new Problem(
                    where,
                    $"our role may not {string.Join(" or ", lacking)} {parent.Schema}.{parent.Name}.",
                    $"`GRANT SELECT, REFERENCES ON {parent.Sql} TO {Sql.Name(server.Role)}`."
                ),
            ];
    }

    private Task<IReadOnlyList<string>> LackingAsync(IEnumerable<string> schemas, string privilege) =>
        connection.QueryAsync(
            "SELECT schema FROM unnest($1) AS schema WHERE NOT has_schema_privilege(schema, $2)",
            row => row.GetString(0),
            cancel,
            schemas.ToArray(),
            privilege
        );
}
