using Segue.Changes;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>Changes that cannot be made safely, with the reason and the way out.</summary>
internal static class Refusals
{
    /// <summary>Concurrent index builds before 14.4 can silently miss rows (release notes of 14.4).</summary>
    private const int FirstSafeConcurrentBuild = 140004;

    public const string BypassRowSecurity =
        "Connect as a role with BYPASSRLS, or as the owner with NO FORCE ROW LEVEL SECURITY.";

    public static IEnumerable<Problem> OfServer(ServerFacts server, string change) =>
        OfPooler(server, change) is { } pooler ? OfVersion(server, change).Append(pooler) : OfVersion(server, change);

    public static Problem? OfPooler(ServerFacts server, string change) =>
        server.IsBehindPooler
            ? new Problem(
                change,
                "the connection goes through a pooler, which may give each statement another session: "
                    + "Segue could not watch index builds, nor distinguish a dead runner from a running one.",
                "Give Segue the server's own address; the app may stay behind the pooler."
            )
            : null;

    public static IEnumerable<Problem> OfVersion(ServerFacts server, string change)
    {
        if (server.Major < 14)
        {
            yield return new Problem(
                change,
                $"the server is PostgreSQL {server.Major}; Segue needs 14 or newer, because older "
                    + "versions cannot scan a range of blocks.",
                "Upgrade the server."
            );
        }
        else if (server.VersionNumber < FirstSafeConcurrentBuild)
        {
            yield return new Problem(
                change,
                "concurrent index builds of PostgreSQL 14.0 to 14.3 can silently corrupt indexes.",
                "Upgrade to 14.4 or newer."
            );
        }

        if (server.InRecovery)
        {
            yield return new Problem(
                change,
                "this server is a standby; it accepts no writes.",
                "Connect to the primary."
            );
        }
        else if (server.IsReadOnly)
        {
            yield return new Problem(
                change,
                $"default_transaction_read_only is on for {server.Role}, here or in this database: its "
                    + "transactions cannot write.",
                "If it was not set on purpose, `ALTER ROLE "
                    + $"{PostgreSql.Connections.Sql.Name(server.Role)} SET default_transaction_read_only = "
                    + "off`, or connect as another role."
            );
        }
    }

    /// <summary>Null if the table itself allows new columns.</summary>
    public static Problem? OfTable(Table table, string where)
    {
        (string What, string Remedy)? objection = table switch
        {
            { Kind: 'v' or 'm' } => (
                "is a view; a view has no columns of its own.",
                "Add the column to the underlying table, then recreate the view with the column."
            ),
            { Kind: 'f' } => (
                "is a foreign table; its rows are in another server.",
                "Add the column there first; then `ALTER FOREIGN TABLE ... ADD COLUMN` here reads no rows."
            ),
            { Kind: not ('r' or 'p') } => ("is not a table.", "Name a table."),
            { Persistence: 't' } => ("is a temporary table of one session.", "Name a permanent table."),
            { IsSystem: true } => ("belongs to the system.", "Name a table of your own."),
            { IsPartition: true } => (
                "is a partition; its columns belong to its root.",
                "Name the partitioned table; Segue fills every partition."
            ),
            { Inherits: true } => (
                "takes part in inheritance, where a column may come from several parents.",
                "Add the column manually in each child, or turn the tables into partitions first."
            ),
            { IsTyped: true } => (
                "is a typed table (OF type); its columns belong to the type.",
                "Use `ALTER TYPE ... ADD ATTRIBUTE ... CASCADE` in a maintenance window, or `ALTER TABLE "
                    + "... NOT OF` first."
            ),
            { IsOwnerOrMember: false } => (
                $"belongs to {table.Owner}; only its owner may alter it.",
                $"Connect as {table.Owner}, or as a role that is a member of it."
            ),
            _ => OfPartitions(table),
        };
        return objection is { } found
            ? new Problem(where, $"{table.Schema}.{table.Name} {found.What}", found.Remedy)
            : null;
    }

    /// <summary>Null if the table itself allows constraints and indexes.</summary>
    public static Problem? OfTarget(Table table, string where, bool alsoMatview)
    {
        (string What, string Remedy)? objection = table switch
        {
            { Kind: 'm' } when alsoMatview => null,
            { Kind: 'v' or 'm' or 'f' } => (
                $"is {(table.Kind == 'f' ? "a foreign table" : "a view")}.",
                "Name a table."
            ),
            { Kind: not ('r' or 'p') } => ("is not a table.", "Name a table."),
            { Persistence: 't' } => ("is a temporary table of one session.", "Name a permanent table."),
            { IsSystem: true } => ("belongs to the system.", "Name a table of your own."),
            { IsOwnerOrMember: false } => (
                $"belongs to {table.Owner}; only its owner may alter it.",
                $"Connect as {table.Owner}, or as a role that is a member of it."
            ),
            _ => OfPartitions(table),
        };
        return objection is { } found
            ? new Problem(where, $"{table.Schema}.{table.Name} {found.What}", found.Remedy)
            : null;
    }

    /// <summary>Reasons not to write or delete rows of the table, whoever owns it.</summary>
    public static IEnumerable<Problem> OfRows(Table table, string where)
    {
        (string What, string Remedy)? objection = table switch
        {
            { Kind: not ('r' or 'p') } => ("is not a table.", "Name a table."),
            { Persistence: 't' } => ("is a temporary table of one session.", "Name a permanent table."),
            { Schema: "pg_catalog" or "information_schema" or "segue" } => (
                "belongs to the system.",
                "Name a table of your own."
            ),
            { Inherits: true } => (
                "takes part in inheritance: its rows are in several tables, each with blocks of its own.",
                "Name each table that has rows, with `where tableoid = ...` for the topmost; or turn "
                    + "the tables into partitions."
            ),
            { UpdatesWouldFail: true } => (
                "is published and has no replica identity: every UPDATE and DELETE of it fails.",
                "Give it a primary key, or `ALTER TABLE ... REPLICA IDENTITY FULL`."
            ),
            _ => table.Partitions.FirstOrDefault(partition => partition.Kind == 'f') is { } foreign
                ? (
                    $"has the foreign table {foreign.Name} as a partition, whose rows are in another server.",
                    "Detach it first."
                )
                : null,
        };
        return
        [
            .. When(objection, found => new Problem(where, $"{table.Schema}.{table.Name} {found.What}", found.Remedy)),
            .. table.RowSecurityApplies
                ?
                [
                    new Problem(
                        where,
                        $"row security applies to our role on {table.Schema}.{table.Name}: rows that it "
                            + "hides would be skipped.",
                        BypassRowSecurity
                    ),
                ]
                : Array.Empty<Problem>(),
        ];
    }

    private static (string What, string Remedy)? OfPartitions(Table table) =>
        table.Partitions switch
        {
            _ when table.Partitions.FirstOrDefault(partition => !partition.IsOwnerOrMember) is { } other => (
                $"has the partition {other.Schema}.{other.Name}, which belongs to {other.Owner}; only its "
                    + "owner may alter it.",
                $"`ALTER TABLE {other.Sql} OWNER TO {PostgreSql.Connections.Sql.Name(table.Owner)}`, or "
                    + "connect as a role that is a member of both owners."
            ),
            _ when table.Partitions.FirstOrDefault(partition => partition.Kind == 'f') is { } foreign => (
                $"has the foreign table {foreign.Name} as a partition, whose rows are in another server.",
                "Detach it first."
            ),
            _ => null,
        };

    /// <summary>Reasons why not all of the table's rows can be read.</summary>
    public static IEnumerable<Problem> OfProving(Table table, string where) =>
        table.RowSecurityApplies
            ?
            [
                new Problem(
                    where,
                    $"row security applies to our role on {table.Schema}.{table.Name}: Segue could not "
                        + "check the rows that it hides.",
                    BypassRowSecurity
                ),
            ]
            : [];

    /// <param name="rules">The table's, on that statement.</param>
    public static Problem? OfRules(Table table, string statement, IReadOnlyList<string> rules, string where) =>
        rules is [var rule, ..]
            ? new Problem(
                where,
                $"{table.Schema}.{table.Name} has the rule {rule} on {statement}, which may run "
                    + "something else instead.",
                "Drop it, or make it a trigger."
            )
            : null;

    /// <param name="keys">Foreign keys between rows of the table that forbid deleting a referenced row.</param>
    public static Problem? OfSelfReference(Table table, IReadOnlyList<ReferencingKey> keys, string where)
    {
        (string What, string Remedy)? objection = keys switch
        {
            [] => null,
            [_, _, ..] => (
                $"rows of {table.Schema}.{table.Name} refer to each other by several foreign keys "
                    + $"({string.Join(", ", keys.Select(key => key.Name))}), and Segue can follow only one.",
                "Set all but one of the referring columns of the rows to delete to NULL, with a "
                    + "`backfill` first, or drop those keys until the rows are deleted."
            ),
            [var key] when table.IsPartitioned => (
                $"rows of {table.Schema}.{table.Name} refer to each other by the foreign key "
                    + $"{key.Name}, and the table is partitioned: rows that must be deleted together are in "
                    + "several tables.",
                "Name one partition after the other, those with children first; or set the referring "
                    + "column of the rows to delete to NULL, with a `backfill` first."
            ),
            [{ IsIndexed: false } key] => (
                $"rows of {table.Schema}.{table.Name} refer to each other by the foreign key {key.Name}, "
                    + "and no index begins with its columns: each deleted row would read the whole table.",
                $"`create_index` on {string.Join(", ", key.Columns.Select(pair => pair.Own))} in a change "
                    + "before this one."
            ),
            _ => null,
        };
        return objection is { } found ? new Problem(where, found.What, found.Remedy) : null;
    }

    /// <summary>Reasons against the parent of a foreign key.</summary>
    public static Problem? OfParent(Table table, Table parent, string where) =>
        parent switch
        {
            { Kind: not ('r' or 'p') } => new Problem(
                where,
                $"{parent.Schema}.{parent.Name} is not a table.",
                "Reference a table."
            ),
            { RowSecurityApplies: true } => new Problem(
                where,
                $"row security applies to our role on {parent.Schema}.{parent.Name}: Segue could not "
                    + "check which rows have their parent.",
                BypassRowSecurity
            ),
            { Persistence: 'u' } when table.Persistence != 'u' => new Problem(
                where,
                $"{parent.Schema}.{parent.Name} is unlogged: after a crash it is empty, so no logged table "
                    + "may reference it.",
                $"`ALTER TABLE {parent.Sql} SET LOGGED` first, or leave the foreign key out."
            ),
            _ => null,
        };

    /// <summary>
    /// A unique key of a partitioned table holds for all partitions only if it includes the partition key.
    /// </summary>
    public static async Task<Problem?> OfPartitionKeyAsync(
        Draft draft,
        Table table,
        IReadOnlyList<string> columns,
        string where
    )
    {
        IReadOnlyList<string> keys = await CatalogReader.PartitionKeysAsync(draft.Connection, table, draft.Cancel);
        string[] missing = [.. keys.Except(columns)];
        return missing.Length == 0
            ? null
            : new Problem(
                where,
                $"{table.Name} is partitioned by {string.Join(", ", keys)}: a unique key must contain that.",
                $"Add {string.Join(", ", missing)} to its columns, or make it unique in each partition separately."
            );
    }
}
