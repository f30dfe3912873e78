using Segue.Engines;
using Segue.Planning;

namespace Segue.PostgreSql.Explaining;

/// <summary>Harm that no catalog shows, but the words of a statement do.</summary>
internal static class SpokenHarms
{
    private static readonly string[] RoleVerbs = ["alter", "create"];

    /// <summary>The server's own functions.</summary>
    private static readonly (string[] Functions, BreakageKind Kind, string Does)[] Calls =
    [
        (
            ["setval"],
            BreakageKind.Narrows,
            "sets a sequence: if that is below a value that was used before, inserts of running code fail as duplicates"
        ),
        (["pg_terminate_backend"], BreakageKind.Changes, "ends sessions: their transactions are lost"),
        (["pg_cancel_backend"], BreakageKind.Changes, "cancels statements of running code"),
        (
            ["pg_advisory_lock", "pg_advisory_lock_shared", "pg_advisory_xact_lock", "pg_advisory_xact_lock_shared"],
            BreakageKind.Changes,
            "takes an advisory lock: code that needs it waits"
        ),
        (
            [
                "pg_drop_replication_slot",
                "pg_replication_slot_advance",
                "pg_replication_origin_drop",
                "pg_replication_origin_advance",
            ],
            BreakageKind.LosesData,
            "consumes changes that a replication client still needs"
        ),
        (
            ["lo_unlink", "lo_truncate", "lo_truncate64", "lo_put"],
            BreakageKind.LosesData,
            "removes or overwrites data of a large object"
        ),
        (["pg_reload_conf"], BreakageKind.Changes, "makes the server reload its settings"),
    ];

    /// <summary>For a query.</summary>
    public static IEnumerable<Breakage> OfCalls(StatementText text) =>
        from each in Calls
        from function in each.Functions
        where text.Has(function, "(")
        select new Breakage(each.Kind, $"{function} {each.Does}");

    /// <summary>For a statement that is known by its words alone, and not tried; null for any other.</summary>
    public static Breakage? OfUntried(StatementText text, string database)
    {
        if (SetsPassword(text) && text.Begins("alter"))
        {
            string role = text.Names(database).FirstOrDefault(name => name.After is "role" or "user")?.Name ?? "a role";
            return new Breakage(
                BreakageKind.Narrows,
                $"the password of {PlainName.Of("", role)} is replaced: logins with the old one are rejected"
            );
        }

        return text.Begins("drop", "subscription")
            ? new Breakage(
                BreakageKind.TakesName,
                "it drops a subscription: writes of its publisher do not arrive any more, and the slot there is dropped"
            )
            : null;
    }

    /// <summary>Everyone who reads the statement reads the password.</summary>
    public static bool SetsPassword(StatementText text) =>
        text.Has("password") && RoleVerbs.Any(verb => text.Begins(verb, "role") || text.Begins(verb, "user"));

    /// <summary>LOCK only makes others wait.</summary>
    public static IEnumerable<Breakage> OfLocks(StatementText text, IReadOnlyList<RelationLock> locks) =>
        from held in locks
        where text.Begins("lock") && held.Blocks != Blocks.Nothing
        select new Breakage(
            BreakageKind.Changes,
            $"code that {(held.Blocks == Blocks.Writes ? "writes" : "reads or writes")} {held.Relation} "
                + "waits until the transaction ends"
        );
}
