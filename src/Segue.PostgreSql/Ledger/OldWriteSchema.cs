namespace Segue.PostgreSql.Ledger;

/// <summary>
/// Counts writes of old code where they pass: a trigger of the change fires for them alone, and calls this function.
/// Each session counts for itself and reports at most once a second, in a row that no other transaction has locked:
/// apps never wait for one another, and there are at most as many rows as transactions that write at the same time. No
/// error of it reaches the app.
/// </summary>
internal static class OldWriteSchema
{
    public const string Name = "count_old_write";

    public const string Function = $"segue.{Name}";

    /// <summary>
    /// Arguments: change, relation, mark for the session's settings, whether such a write fails after contract
    /// (<c>breaks</c>), and, for an update, the setting that says that the statement gave the value itself.
    /// It has the rights of its owner, and no settings of its own, which would cost a third more. Therefore every type
    /// and function is qualified, and there are no operators: the app's search path must not lead elsewhere.
    /// Each report is a subtransaction that writes, and the server is slow with more than 64 of them in a transaction:
    /// a long transaction reports at a sixteenth of its age.
    /// </summary>
    private const string Count = $"""
        CREATE FUNCTION {Function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        DECLARE
          counter pg_catalog.text := pg_catalog.textcat('segue.wrote_', TG_ARGV[2]);
          reporter pg_catalog.text := pg_catalog.textcat('segue.wrote_as_', TG_ARGV[2]);
          next_report pg_catalog.text := pg_catalog.textcat('segue.report_at_', TG_ARGV[2]);
          app pg_catalog.text;
          counted pg_catalog.text;
          due pg_catalog.text;
          wrote pg_catalog.int8 := 1;
          this_second pg_catalog.int8;
          age pg_catalog.int8;
        BEGIN
          BEGIN
            IF pg_catalog.int4gt(TG_NARGS, 4) THEN
              IF pg_catalog.texteq(
                  pg_catalog.current_setting(pg_catalog.textcat('segue.set_', TG_ARGV[4]), true), 'on') THEN
                RETURN NEW;
              END IF;
            END IF;
            counted := pg_catalog.current_setting(counter, true);
            IF pg_catalog.textne(counted, '') THEN
              wrote := pg_catalog.int8pl(counted::pg_catalog.int8, 1);
            END IF;
            app := pg_catalog.current_setting('application_name');
            this_second := pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())::pg_catalog.int8;
            due := pg_catalog.current_setting(next_report, true);
            IF pg_catalog.textne(due, '') THEN
              IF pg_catalog.int8lt(this_second, due::pg_catalog.int8)
                  AND pg_catalog.texteq(pg_catalog.current_setting(reporter, true), app) THEN
                counter := pg_catalog.set_config(counter, wrote::pg_catalog.text, false);
                RETURN NEW;
              END IF;
            END IF;
            PERFORM segue.report_old_writes(TG_ARGV[0], TG_ARGV[1], TG_ARGV[3], wrote);
            age := pg_catalog.int8mi(
              this_second, pg_catalog.date_part('epoch', pg_catalog.transaction_timestamp())::pg_catalog.int8);
            due := pg_catalog.int8pl(this_second, GREATEST(1, pg_catalog.int8div(age, 16)))::pg_catalog.text;
            counter := pg_catalog.set_config(counter, '0', false);
            reporter := pg_catalog.set_config(reporter, app, false);
            next_report := pg_catalog.set_config(next_report, due, false);
          EXCEPTION
            WHEN query_canceled THEN
              RAISE;
            WHEN assert_failure OR OTHERS THEN
              NULL;
          END;
          RETURN NEW;
        END
        $$
        """;

    /// <summary>
    /// A session above READ COMMITTED reads nothing: its reading could make another transaction fail.
    /// </summary>
    private const string Report = """
        CREATE FUNCTION segue.report_old_writes(of_change text, of_relation text, harm text, wrote bigint) RETURNS void
            LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
        DECLARE
          app text := current_setting('application_name');
          seen timestamptz := clock_timestamp();
          mine bigint;
        BEGIN
          LOCK TABLE segue.old_write IN ROW EXCLUSIVE MODE NOWAIT;
          IF current_setting('transaction_isolation') = 'read committed' THEN
            SELECT o.id INTO mine FROM segue.old_write o
            WHERE o.change = of_change AND o.relation = of_relation AND o.application = app
              AND o.role = session_user AND o.breaks = (harm = 'breaks')
            LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
          END IF;
          IF mine IS NULL THEN
            INSERT INTO segue.old_write
                (change, relation, application, role, breaks, writes, recent, recent_since, last_at)
            VALUES (of_change, of_relation, app, session_user, harm = 'breaks', wrote, wrote, seen, seen);
          ELSE
            UPDATE segue.old_write o SET writes = o.writes + wrote, last_at = seen,
              recent = wrote + CASE WHEN o.recent_since > seen - interval '1 minute' THEN o.recent ELSE 0 END,
              recent_since = CASE WHEN o.recent_since > seen - interval '1 minute' THEN o.recent_since ELSE seen END
            WHERE o.id = mine;
          END IF;
        END
        $$
        """;

    public static IReadOnlyList<string> Statements { get; } =
    [
        """
            CREATE TABLE segue.old_write (
              id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
              change text NOT NULL,
              relation text NOT NULL,
              application text NOT NULL,
              role text NOT NULL,
              breaks boolean NOT NULL,
              writes bigint NOT NULL,
              recent bigint NOT NULL,
              recent_since timestamptz NOT NULL,
              last_at timestamptz NOT NULL) WITH (fillfactor = 50)
            """,
        Report,
        Count,
    ];
}
