using Segue.Engines;

namespace Segue.PostgreSql.Explaining;

/// <summary>Statements that are not tried, and their known effects.</summary>
internal static class UntriedForms
{
    /// <summary>Why it is not tried; null if it can be tried.</summary>
    public static Problem? Of(StatementText text) =>
        Concurrent(text)
        ?? Cascading(text)
        ?? Vacuum(text)
        ?? Table(text)
        ?? Tablespace(text)
        ?? Refresh(text)
        ?? (StatementForms.IsMeasurable(text) || text.IsCode ? null : OfAnotherObject);

    private static Problem? Concurrent(StatementText text) =>
        text.Has("concurrently") && (text.Begins("create") || text.Begins("drop") || text.Begins("reindex"))
            ? new Problem(
                "explain",
                "a concurrent form runs in no transaction, so it cannot be tried. It takes SHARE "
                    + "UPDATE EXCLUSIVE on the table, blocks no app, reads the table twice when it builds, "
                    + "and waits for every older transaction that uses the table, and for every older "
                    + "snapshot. If it fails, an INVALID index remains.",
                "`create_index`, `drop_index` and similar kinds do the same with progress, and remove "
                    + "the leftovers of a failed build."
            )
            : null;

    private static Problem? Cascading(StatementText text) =>
        text.Cascades()
            ? new Problem(
                "explain",
                "it uses CASCADE, so it drops objects that it does not name.",
                "Name each of them in a separate statement."
            )
            : null;

    private static Problem? Vacuum(StatementText text) =>
        !text.Begins("vacuum") ? null
        : text.Has("full")
            ? new Problem(
                "explain",
                "VACUUM FULL runs in no transaction. It takes ACCESS EXCLUSIVE and rewrites the table "
                    + "and its indexes meanwhile.",
                "Use pg_repack or a similar tool; a plain VACUUM frees space for new rows."
            )
        : new Problem(
            "explain",
            "VACUUM runs in no transaction. It takes SHARE UPDATE EXCLUSIVE and blocks no app.",
            "It is safe to run."
        );

    private static Problem? Table(StatementText text) =>
        text.Begins("alter", "table") && Tables.FirstOrDefault(form => text.Has(form.Words)) is { Does: { } does }
            ? new Problem(
                "explain",
                $"it cannot be tried on a copy, because the copy is a temporary table. {does}",
                "Run it manually, with a short lock_timeout, when the table is idle."
            )
            : null;

    private static readonly (string[] Words, string Does)[] Tables =
    [
        (["set", "schema"], "It takes ACCESS EXCLUSIVE on the table briefly, and changes only the catalog."),
        (["set", "unlogged"], "It takes ACCESS EXCLUSIVE and rewrites the table and its indexes meanwhile."),
        (["set", "logged"], "It takes ACCESS EXCLUSIVE and rewrites the table and its indexes meanwhile."),
    ];

    private static Problem? Tablespace(StatementText text) =>
        text.Begins("alter", "index") && text.Has("set", "tablespace")
            ? new Problem(
                "explain",
                "it copies the index under ACCESS EXCLUSIVE on it. Every query on the table waits "
                    + "meanwhile, because the server opens all indexes of a table.",
                "Run `REINDEX (TABLESPACE ...) INDEX CONCURRENTLY` manually: it builds the index there "
                    + "while apps read and write."
            )
        : text.Has("all", "in", "tablespace")
            ? new Problem(
                "explain",
                "it changes everything in a tablespace, and Segue cannot copy all of that.",
                "Name each table or index in a separate statement."
            )
        : null;

    private static Problem? Refresh(StatementText text)
    {
        if (!text.Begins("refresh"))
        {
            return null;
        }

        string holds = text.Has("concurrently")
            ? "EXCLUSIVE on the materialized view meanwhile: readers continue"
            : "ACCESS EXCLUSIVE on the materialized view meanwhile: readers wait; with CONCURRENTLY, which needs a "
                + "unique index, they continue";
        return new Problem(
            "explain",
            $"it runs the view's query, and a copy cannot show how long that takes. It holds {holds}.",
            "Refresh it by a separate job, or manually."
        );
    }

    private static Problem OfAnotherObject =>
        new(
            "explain",
            "only statements about tables, their indexes and their rows can be tried on copies; "
                + "this one is about another object.",
            "Read the server's documentation on it, or try it on a copy of the database."
        );
}
