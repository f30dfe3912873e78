using System.Text.Json;
using Npgsql;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>Reports missing or unreadable parts of a ledger, the consequences, and the repair.</summary>
internal sealed class LedgerDiagnosis(NpgsqlConnection connection)
{
    public const string Topic = "ledger";
    private const string Docs = "\"The ledger is damaged\" in docs/troubleshooting.md";

    public async Task<IReadOnlyList<Diagnosis>> ExamineAsync(CancellationToken cancel)
    {
        try
        {
            IReadOnlyList<string> present = await connection.QueryAsync(
                LedgerParts.PresentQuery,
                row => row.GetString(0),
                cancel
            );
            IReadOnlyList<Diagnosis> leftovers = await LeftoversAsync(present.Contains(LedgerParts.Change), cancel);
            return LedgerParts.HasLedger(present)
                ? [.. await PartsAsync(present, cancel), .. await ChangesAsync(present, cancel), .. leftovers]
                : leftovers;
        }
        catch (PostgresException denied) when (denied.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // The doctor's question about the ledger's owner names the privilege that is missing.
            return [];
        }
        catch (PostgresException error)
        {
            return [Limited($"Could not be checked: {Errors.Describe(error)}")];
        }
    }

    private async Task<IReadOnlyList<Diagnosis>> PartsAsync(IReadOnlyList<string> present, CancellationToken cancel)
    {
        int? version = present.Contains(LedgerParts.Meta)
            ? await connection.ScalarAsync<int?>("SELECT version FROM segue.meta", cancel)
            : null;
        int known = Math.Min(version ?? LedgerSchema.Version, LedgerSchema.Version);
        List<Diagnosis> found = [.. LedgerParts.Missing(present, known).Select(Missing)];
        if (version > LedgerSchema.Version)
        {
            found.Add(Bad(new LedgerTooNewException(version.Value, LedgerSchema.Version).Message));
        }

        if (version is null && present.Contains(LedgerParts.Meta))
        {
            found.Add(Limited("The row of segue.meta is missing. Initialising the ledger again writes it."));
        }

        if (
            present.Contains("table segue.lease")
            && !await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM segue.lease)", cancel)
        )
        {
            found.Add(
                Limited(
                    "The row of segue.lease is missing. A running change stops; the next run of any "
                        + "change writes it again."
                )
            );
        }

        return found;
    }

    private static Diagnosis Missing(string part)
    {
        const string Again = "initialising the ledger again creates it";
        return Bad(
            $"The ledger's {part} is missing. "
                + part switch
                {
                    LedgerParts.Change => $"{Again} and rebuilds its rows from the plans and the events. A change in "
                        + "progress counts as failed: apply it again, or roll it back.",
                    "table segue.plan" =>
                        $"{Again}, empty. A change in progress cannot continue without its plan: restore "
                            + $"the table from a backup first, or see {Docs}.",
                    "table segue.step" => $"{Again}; the next run of a change rebuilds its rows from the events.",
                    "table segue.backfill" =>
                        $"{Again}; a fill in progress starts again at the beginning of its table. Rows that "
                            + "have their value are not written again.",
                    "table segue.event" =>
                        $"{Again}, empty: the history up to now is lost, unless you restore the table "
                            + "from a backup first.",
                    "table segue.retained" =>
                        $"{Again}, empty: restore it from a backup first if dropped tables are kept "
                            + "(schemas named segue_kept_...).",
                    _ => $"{Again}.",
                }
        );
    }

    private async Task<IReadOnlyList<Diagnosis>> ChangesAsync(IReadOnlyList<string> present, CancellationToken cancel)
    {
        List<Diagnosis> found = [];
        bool hasSteps = present.Contains("table segue.step");
        if (present.Contains(LedgerParts.Change) && present.Contains("table segue.plan"))
        {
            found.AddRange(await PlansAsync(cancel));
        }

        if (present.Contains(LedgerParts.Change) && hasSteps)
        {
            found.AddRange(
                (await connection.QueryAsync(WithoutSteps, row => row.GetString(0), cancel)).Select(change =>
                    Limited(
                        $"The steps of {change} are missing from segue.step. "
                            + "Its next run, forward or back, rebuilds them from the events."
                    )
                )
            );
        }

        if (present.Contains("table segue.backfill") && hasSteps)
        {
            found.AddRange(await CursorsAsync(cancel));
        }

        return found;
    }

    private async Task<IEnumerable<Diagnosis>> PlansAsync(CancellationToken cancel)
    {
        IReadOnlyList<(string Change, string Hash, string? Json)> plans = await connection.QueryAsync(
            PlansQuery,
            row => (row.GetString(0), row.GetString(1), row.Nullable<string>(2)),
            cancel
        );
        return plans
            .Where(plan => !HasHash(plan.Json, plan.Hash))
            .Select(plan =>
                Bad(
                    $"The plan of {plan.Change} in segue.plan is "
                        + $"{(plan.Json is null ? "missing" : "altered")}, so the change can neither continue "
                        + $"nor be rolled back. Restore the row from a backup, or see {Docs}."
                )
            );
    }

    private async Task<IEnumerable<Diagnosis>> CursorsAsync(CancellationToken cancel)
    {
        IReadOnlyList<(string Change, string Relation, string Cursor)> fills = await connection.QueryAsync(
            CursorsQuery,
            row => (row.GetString(0), row.GetString(1), row.GetString(2)),
            cancel
        );
        return fills
            .Where(fill => CursorText.Read(fill.Cursor) is null)
            .Select(fill =>
                Limited(
                    $"The cursor of {fill.Relation} in segue.backfill cannot be read. The next run "
                        + $"of {fill.Change} "
                        + "fills that table from its start; rows that have their value are not written again."
                )
            );
    }

    /// <summary>Segue's triggers on tables without a change in progress that could own them.</summary>
    private async Task<IReadOnlyList<Diagnosis>> LeftoversAsync(bool hasChanges, CancellationToken cancel)
    {
        if (
            hasChanges
            && await connection.ScalarAsync<bool>(
                $"SELECT EXISTS (SELECT FROM segue.change WHERE {IsUnfinished})",
                cancel
            )
        )
        {
            return [];
        }

        return await connection.QueryAsync(
            LeftoverQuery,
            row =>
                Bad(
                    $"{row.GetString(0)} has a trigger that Segue created, but the ledger has no change "
                        + "in progress there. The trigger still writes. If you restored a dump, restore "
                        + $"schema segue as well and apply the change; otherwise `{row.GetString(1)}`."
                ),
            cancel
        );
    }

    private static bool HasHash(string? json, string hash)
    {
        try
        {
            return json is not null && PlanJson.Hash(json) == hash;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Diagnosis Bad(string message) => new(Topic, Health.Bad, message);

    private static Diagnosis Limited(string message) => new(Topic, Health.Limited, message);

    private const string IsUnfinished = "status NOT IN ('completed', 'rolled_back')";

    private const string PlansQuery = $"""
        SELECT c.name, c.plan_hash, p.json
        FROM segue.change c LEFT JOIN segue.plan p ON p.change = c.name AND p.hash = c.plan_hash
        WHERE {IsUnfinished} ORDER BY c.name
        """;

    private const string WithoutSteps = $"""
        SELECT name FROM segue.change c
        WHERE {IsUnfinished} AND NOT EXISTS (SELECT FROM segue.step WHERE change = c.name) ORDER BY name
        """;

    private const string CursorsQuery = """
        SELECT b.change, coalesce(to_regclass(b.relation)::text, b.relation), b.cursor::text
        FROM segue.backfill b JOIN segue.step s ON s.change = b.change AND s.id = b.step AND s.state <> 'done'
        ORDER BY 1, 2
        """;

    private const string LeftoverQuery = $"""
        SELECT string_agg(DISTINCT tgrelid::regclass::text, ', '),
               string_agg(format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass), '; ' ORDER BY tgname)
                 || CASE WHEN bool_or(proname = '{OldWriteSchema.Name}') THEN ''
                      ELSE '; DROP FUNCTION ' || tgfoid::regprocedure END
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace pn ON pn.oid = p.pronamespace
        WHERE NOT tgisinternal AND tgparentid = 0 AND n.nspname <> 'segue' AND pn.nspname = 'segue'
        GROUP BY tgfoid ORDER BY 1
        """;
}
