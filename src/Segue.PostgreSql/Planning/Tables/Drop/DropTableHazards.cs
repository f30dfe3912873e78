using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Drop;

/// <summary>Signs that a table to be dropped is still used.</summary>
internal sealed class DropTableHazards(Draft draft, Table table, KeptTable kept, TimeSpan keep)
{
    public async Task<IReadOnlyList<Hazard>> FindAsync()
    {
        IReadOnlyList<string> functions = await FunctionTexts.NamingAsync(draft.Connection, table, draft.Cancel);
        return
        [
            Hazard.Danger(
                "table-use",
                $"{table.Schema}.{table.Name} holds about {table.TotalSize.Rows:N0} rows "
                    + $"({Plain.Bytes(table.TotalSize.All)}, without indexes). {await UseAsync()}"
            ),
            Hazard.Notice(
                "kept-aside",
                $"Completing the change sets the table aside as {kept.Sql}, with everything that "
                    + $"belongs to it, for {Plain.Duration(keep)}. Until then a rollback of "
                    + $"{draft.Change.Name} restores it, and its disk space stays in use. Then a purge of "
                    + $"{draft.Change.Name} drops it permanently."
            ),
            .. functions.Count == 0
                ? Array.Empty<Hazard>()
                :
                [
                    new Hazard(
                        "name-in-functions",
                        $"The text of these functions names {table.Name}: "
                            + $"{string.Join(", ", functions)}. They fail once it is dropped."
                    ),
                ],
            .. table.Publications.Count == 0
                ? Array.Empty<Hazard>()
                :
                [
                    new Hazard(
                        "published",
                        $"{table.Name} is published ({string.Join(", ", table.Publications)}): "
                            + "subscribers keep their copy of its rows."
                    ),
                ],
        ];
    }

    /// <summary>The server records the time of the last read from 16 on.</summary>
    private async Task<string> UseAsync()
    {
        string last =
            draft.Server.Major >= 16 ? "greatest(max(s.last_seq_scan), max(s.last_idx_scan))" : "NULL::timestamptz";
        (long reads, long writes, string? when) = (
            await draft.Connection.QueryAsync(
                $"""
                SELECT coalesce(sum(s.seq_scan + coalesce(s.idx_scan, 0)), 0)::bigint,
                    coalesce(sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del), 0)::bigint,
                    to_char({last} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')
                FROM pg_stat_user_tables s WHERE s.relid IN {Sql.Tree("$1::oid")}
                """,
                row => (row.GetInt64(0), row.GetInt64(1), row.Nullable<string>(2)),
                draft.Cancel,
                (long)table.Oid
            )
        )[0];
        return reads + writes == 0
            ? "It was neither read nor written since the server's statistics were last reset (replicas "
                + "have their own statistics)."
            : $"Since the server's statistics were last reset it was read {reads:N0} times and "
                + $"{writes:N0} rows of it were "
                + $"written{(when is null ? "" : $"; the last read was at {when} UTC")} (replicas have their "
                + "own statistics): make sure that nothing uses it any more.";
    }
}
