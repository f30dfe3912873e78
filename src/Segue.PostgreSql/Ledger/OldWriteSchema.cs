namespace Segue.PostgreSql.Ledger;

/// <summary>
/// Counts writes of old code where they pass: a trigger of the change fires for them alone, and calls this function.
/// Each session counts for itself and writes at most once a second, to a row that no other transaction has locked: apps
/// never wait for one another, and there are at most as many rows as transactions that write at the same time. No error
/// of it reaches the app.
/// </summary>
internal static class OldWriteSchema
{
    public const string Function = "segue.count_old_write";

    /// <summary>Where a session keeps what it has counted: each name ends with the trigger's third argument.</summary>
    private const string Counter = "segue.wrote_";
    private const string WrittenAt = "segue.wrote_at_";

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
            // Arguments: change, relation, mark for the session's settings, whether such a write fails after contract
            // ('breaks'), and, for an update, the setting that says that the statement gave the value itself.
            // A session above READ COMMITTED reads nothing here: its reading could make another transaction fail.
            $"""
            CREATE FUNCTION {Function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $$
            DECLARE
              counter text := '{Counter}' || TG_ARGV[2];
              written_at text := '{WrittenAt}' || TG_ARGV[2];
              app text;
              this_second text;
              wrote bigint;
              mine bigint;
              at timestamptz;
            BEGIN
              BEGIN
                IF TG_NARGS > 4 AND current_setting('segue.set_' || TG_ARGV[4], true) = 'on' THEN
                  RETURN NEW;
                END IF;
                at := clock_timestamp();
                app := coalesce(current_setting('application_name', true), '');
                this_second := date_part('epoch', at)::bigint::text || app;
                wrote := coalesce(nullif(current_setting(counter, true), ''), '0')::bigint + 1;
                IF current_setting(written_at, true) = this_second THEN
                  counter := set_config(counter, wrote::text, false);
                  RETURN NEW;
                END IF;
                LOCK TABLE segue.old_write IN ROW EXCLUSIVE MODE NOWAIT;
                IF current_setting('transaction_isolation') = 'read committed' THEN
                  SELECT o.id INTO mine FROM segue.old_write o
                  WHERE o.change = TG_ARGV[0] AND o.relation = TG_ARGV[1] AND o.application = app
                    AND o.role = session_user AND o.breaks = (TG_ARGV[3] = 'breaks')
                  LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
                END IF;
                IF mine IS NULL THEN
                  INSERT INTO segue.old_write
                      (change, relation, application, role, breaks, writes, recent, recent_since, last_at)
                  VALUES (TG_ARGV[0], TG_ARGV[1], app, session_user, TG_ARGV[3] = 'breaks', wrote, wrote, at, at);
                ELSE
                  UPDATE segue.old_write o SET writes = o.writes + wrote, last_at = at,
                    recent = wrote + CASE WHEN o.recent_since > at - interval '1 minute' THEN o.recent ELSE 0 END,
                    recent_since = CASE WHEN o.recent_since > at - interval '1 minute' THEN o.recent_since ELSE at
                      END
                  WHERE o.id = mine;
                END IF;
                counter := set_config(counter, '0', false);
                written_at := set_config(written_at, this_second, false);
              EXCEPTION
                WHEN query_canceled THEN
                  RAISE;
                WHEN assert_failure OR OTHERS THEN
                  NULL;
              END;
              RETURN NEW;
            END
            $$
            """,
    ];
}
