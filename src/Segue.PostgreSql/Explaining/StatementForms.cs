using Segue.Engines;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// What a statement's form alone shows: whether it can run on a copy of its table, and which other tables it may reach.
/// </summary>
internal static class StatementForms
{
    private static readonly string[][] Queries =
    [
        ["insert"],
        ["update"],
        ["delete"],
        ["merge"],
        ["select"],
        ["with"],
    ];

    /// <summary>Forms that work on tables and their indexes, of which there are copies.</summary>
    private static readonly string[][] Measurable =
    [
        ["alter", "table"],
        ["alter", "index"],
        ["create", "index"],
        ["create", "unique", "index"],
        ["create", "table"],
        ["create", "unlogged", "table"],
        ["create", "trigger"],
        ["create", "or", "replace", "trigger"],
        ["create", "or", "replace", "rule"],
        ["create", "constraint", "trigger"],
        ["create", "policy"],
        ["create", "rule"],
        ["create", "statistics"],
        ["comment", "on", "table"],
        ["comment", "on", "column"],
        ["comment", "on", "constraint"],
        ["drop", "table"],
        ["drop", "index"],
        ["drop", "trigger"],
        ["drop", "policy"],
        ["alter", "policy"],
        ["drop", "rule"],
        ["drop", "statistics"],
        ["alter", "trigger"],
        ["alter", "rule"],
        ["alter", "statistics"],
        ["comment", "on", "trigger"],
        ["comment", "on", "policy"],
        ["comment", "on", "rule"],
        ["comment", "on", "index"],
        ["comment", "on", "statistics"],
        ["truncate"],
        ["lock"],
        ["reindex"],
        ["cluster"],
        ["analyze"],
        .. Queries,
    ];

    /// <summary>Why it is not tried, and its known effects; null if it can be tried.</summary>
    public static Problem? Unmeasurable(StatementText text)
    {
        if (text.Has("concurrently") && (text.Begins("create") || text.Begins("drop") || text.Begins("reindex")))
        {
            return new Problem(
                "explain",
                "a concurrent form runs in no transaction, so it cannot be tried. It takes SHARE "
                    + "UPDATE EXCLUSIVE on the table, blocks no app, reads the table twice when it builds, "
                    + "and waits for every older transaction that uses the table, and for every older "
                    + "snapshot. If it fails, an INVALID index remains.",
                "`create_index`, `drop_index` and similar kinds do the same with progress, and remove "
                    + "the leftovers of a failed build."
            );
        }

        if (text.Cascades())
        {
            return new Problem(
                "explain",
                "it uses CASCADE, so it drops objects that it does not name.",
                "Name each of them in a separate statement."
            );
        }

        if (text.Begins("vacuum"))
        {
            return new Problem(
                "explain",
                text.Has("full")
                    ? "VACUUM FULL runs in no transaction. It takes ACCESS EXCLUSIVE and rewrites the table "
                        + "and its indexes meanwhile."
                    : "VACUUM runs in no transaction. It takes SHARE UPDATE EXCLUSIVE and blocks no app.",
                text.Has("full")
                    ? "Use pg_repack or a similar tool; a plain VACUUM frees space for new rows."
                    : "It is safe to run."
            );
        }

        if (
            UntriedTables.FirstOrDefault(form => text.Begins("alter", "table") && text.Has(form.Words)) is
            { Does: { } does }
        )
        {
            return new Problem(
                "explain",
                $"it cannot be tried on a copy, because the copy is a temporary table. {does}",
                "Run it manually, with a short lock_timeout, when the table is idle."
            );
        }

        if (text.Begins("alter", "index") && text.Has("set", "tablespace"))
        {
            return new Problem(
                "explain",
                "it copies the index under ACCESS EXCLUSIVE on it. Every query on the table waits "
                    + "meanwhile, because the server opens all indexes of a table.",
                "Run `REINDEX (TABLESPACE ...) INDEX CONCURRENTLY` manually: it builds the index there "
                    + "while apps read and write."
            );
        }

        if (text.Has("all", "in", "tablespace"))
        {
            return new Problem(
                "explain",
                "it changes everything in a tablespace, and Segue cannot copy all of that.",
                "Name each table or index in a separate statement."
            );
        }

        if (text.Begins("refresh"))
        {
            string holds = text.Has("concurrently")
                ? "EXCLUSIVE on the materialized view meanwhile: readers continue"
                : "ACCESS EXCLUSIVE on the materialized view meanwhile: readers wait; with CONCURRENTLY, which needs a "
                    + "unique index, they continue";
            return new Problem(
                "explain",
                "it runs the view's query, and a copy cannot show how long that takes. It " + $"holds {holds}.",
                "Refresh it by a separate job, or manually."
            );
        }

        return Measurable.Any(text.Begins) || text.IsCode
            ? null
            : new Problem(
                "explain",
                "only statements about tables, their indexes and their rows can be tried on copies; "
                    + "this one is about another object.",
                "Read the server's documentation on it, or try it on a copy of the database."
            );
    }

    private static readonly (string[] Words, string Does)[] UntriedTables =
    [
        (["set", "schema"], "It takes ACCESS EXCLUSIVE on the table briefly, and changes only the catalog."),
        (["set", "unlogged"], "It takes ACCESS EXCLUSIVE and rewrites the table and its indexes meanwhile."),
        (["set", "logged"], "It takes ACCESS EXCLUSIVE and rewrites the table and its indexes meanwhile."),
    ];

    /// <summary>Forms that work on other objects than tables, which the server can roll back completely.</summary>
    public static bool IsTriedAsItIs(StatementText text) =>
        !text.Cascades() && !text.Begins("alter", "domain") && Others.Any(text.Begins) && !Measurable.Any(text.Begins);

    private static readonly string[][] Others =
    [
        .. from verb in new string[][] { ["create"], ["create", "or", "replace"], ["alter"], ["drop"] }
        from kind in new string[][]
        {
            ["view"],
            ["function"],
            ["procedure"],
            ["routine"],
            ["aggregate"],
            ["schema"],
            ["sequence"],
            ["materialized", "view"],
            ["type"],
            ["domain"],
            ["operator"],
            ["cast"],
            ["collation"],
            ["text", "search"],
            ["extension"],
            ["publication"],
            ["default", "privileges"],
            ["server"],
            ["foreign", "data", "wrapper"],
            ["foreign", "table"],
            ["user", "mapping"],
            ["event", "trigger"],
            ["role"],
            ["user"],
            ["group"],
        }
        select (string[])[.. verb, .. kind],
        ["alter", "subscription"],
        ["alter", "database"],
        ["grant"],
        ["revoke"],
        ["comment", "on"],
        ["security", "label"],
    ];

    /// <summary>
    /// Forms for tables that also accept a view, a sequence or a similar object, and that work on no rows.
    /// </summary>
    public static bool CanBeAboutOthers(StatementText text) =>
        new string[][]
        {
            ["alter", "table"],
            ["alter", "trigger"],
            ["alter", "rule"],
            ["drop", "trigger"],
            ["drop", "rule"],
            ["create", "trigger"],
            ["create", "or", "replace", "trigger"],
            ["create", "rule"],
            ["create", "or", "replace", "rule"],
            ["comment", "on"],
        }.Any(text.Begins) && !text.Cascades();

    public static bool IsQuery(StatementText text) => Queries.Any(text.Begins);

    /// <summary>Forms for an index, which a materialized view has like a table.</summary>
    public static bool IsAboutIndexes(StatementText text) =>
        text.Begins("create", "index")
        || text.Begins("create", "unique", "index")
        || text.Begins("alter", "index")
        || text.Begins("drop", "index")
        || text.Begins("reindex");

    /// <summary>
    /// Forms that may reach the tables which foreign keys connect to its own: other forms need no copies of those.
    /// </summary>
    public static bool MayReachPartners(StatementText text) =>
        text.Begins("drop")
        || text.Begins("truncate")
        || text.MakesTable
        || (text.Begins("alter", "table") && (Reaching.Any(word => text.Has(word)) || TurnsChecks(text)));

    /// <summary>The checks of foreign keys are triggers as well.</summary>
    private static bool TurnsChecks(StatementText text) => text.Has("trigger", "all");

    /// <summary>It sets the position or the limit of an identity column.</summary>
    public static bool NumbersAnew(StatementText text) =>
        text.Begins("alter", "table")
        && (text.Has("restart") || text.Has("increment") || text.Has("minvalue") || text.Has("maxvalue"));

    private static readonly string[] Reaching =
    [
        "drop",
        "type",
        "validate",
        "constraint",
        "attach",
        "detach",
        "inherit",
    ];

    /// <summary>Forms that reach all of them, whatever columns the keys have.</summary>
    public static bool ReachesAllPartners(StatementText text) =>
        text.Begins("drop", "table")
        || text.Begins("truncate")
        || (text.MakesTable && text.Has("partition", "of"))
        || TurnsChecks(text)
        || text.Has("attach")
        || text.Has("detach")
        || text.Has("inherit");
}
