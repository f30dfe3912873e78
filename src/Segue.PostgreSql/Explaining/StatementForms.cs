using Segue.Engines;

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

    /// <summary>It works on tables and their indexes, of which there are copies.</summary>
    public static bool IsMeasurable(StatementText text) => Measurable.Any(text.Begins);

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
