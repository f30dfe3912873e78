using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Rename;

/// <summary>
/// A renamed table, and the view with its old name: simple enough for the server to let writes through.
/// </summary>
internal sealed record StandIn(Table Table, string NewName)
{
    /// <summary>From 15 on: the caller's own privileges and policies on the table apply.</summary>
    public required bool AsInvoker { get; init; }

    public string Old => Table.Sql;

    public string New => Sql.Name(Table.Schema, NewName);

    public string Create =>
        $"CREATE VIEW {Old}{(AsInvoker ? " WITH (security_invoker = true)" : "")} AS SELECT "
        + $"{Sql.Names(Table.Columns)} FROM {New}";

    public string RenameForth => $"ALTER TABLE {Old} RENAME TO {Sql.Name(NewName)}";

    public string RenameBack => $"ALTER TABLE {New} RENAME TO {Sql.Name(Table.Name)}";

    /// <summary>A condition: both names exist, as they should between rename and gate.</summary>
    public string Stands => Conditions.All([IsTable(New), IsView]);

    /// <summary>A condition: the table has its old name, and no object has the new one.</summary>
    public string WasNever => Conditions.All([IsTable(Old), Conditions.Not(Conditions.RelationExists(New))]);

    /// <summary>A condition: the new name is not free, or the view would not show the table's columns.</summary>
    public string CannotBegin => $"({NewNameIsTaken} OR NOT {HasColumns(Old)})";

    /// <summary>A condition: neither as created nor as before, or an object depends on the view.</summary>
    public string CannotGoBack => $"NOT ({WasNever}) AND (NOT {IsTable(New)} OR {IsStranger} OR {HasDependents})";

    /// <summary>A condition: another object has the old name, or an object depends on the view.</summary>
    public string CannotGo => $"({IsStranger} OR {HasDependents})";

    public string IsGone => Conditions.Not(Conditions.RelationExists(Old));

    private string IsStranger => $"({Conditions.RelationExists(Old)} AND NOT {IsView})";

    private string NewNameIsTaken =>
        $"({Conditions.RelationExists(New)} OR EXISTS (SELECT FROM pg_catalog.pg_type t JOIN "
        + $"pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = {Sql.Literal(Table.Schema)} "
        + $"AND t.typname = {Sql.Literal(NewName)} AND t.typelem = 0))";

    private string IsView =>
        $"""
            (EXISTS (SELECT FROM pg_catalog.pg_rewrite r
                JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
                     WHERE r.ev_class = to_regclass({Sql.Literal(Old)})
                         AND d.refclassid = 'pg_catalog.pg_class'::regclass
                         AND d.refobjid = to_regclass({Sql.Literal(New)}))
             AND EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = to_regclass({Sql.Literal(Old)})
                 AND relkind = 'v') AND {HasColumns(Old)})
            """;

    private string HasDependents =>
        $"""
            EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype = 'n'
                AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = to_regclass({Sql.Literal(Old)})
                    AND EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = d.refobjid AND relkind = 'v')
                    AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite r
                        WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.objid
                        AND r.ev_class = d.refobjid))
            """;

    private string HasColumns(string relation) =>
        "(ARRAY(SELECT attname::text FROM pg_catalog.pg_attribute WHERE attrelid = "
        + $"to_regclass({Sql.Literal(relation)}) AND attnum > 0 AND NOT attisdropped AND attname !~ "
        + $"'{ObjectNames.KeptColumns}' ORDER BY attnum) = "
        + $"ARRAY[{string.Join(", ", Table.Columns.Select(Sql.Literal))}])";

    private static string IsTable(string relation) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = to_regclass({Sql.Literal(relation)}) AND "
        + "relkind IN ('r', 'p'))";
}
