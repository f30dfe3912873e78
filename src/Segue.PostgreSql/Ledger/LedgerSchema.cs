using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>
/// The ledger's tables, as one statement list per version. A newer Segue appends a list; it never edits one.
/// </summary>
internal static class LedgerSchema
{
    public static int Version => Upgrades.Length;

    public static IReadOnlyList<IReadOnlyList<string>> Statements => Upgrades;

    private static readonly string[][] Upgrades =
    [
        [
            "CREATE TABLE segue.meta (version integer NOT NULL, only_row boolean PRIMARY KEY DEFAULT true "
                + "CHECK (only_row))",
            "INSERT INTO segue.meta VALUES (0)",
            """
                CREATE TABLE segue.change (
                  name text PRIMARY KEY,
                  description text,
                  content_hash text NOT NULL,
                  plan_hash text NOT NULL,
                  git_commit text,
                  author text,
                  status text NOT NULL CHECK (status IN ('pending', 'running', 'paused', 'waiting', 'completed',
                      'rolled_back', 'failed')),
                  stage text,
                  gate text,
                  pause_requested boolean NOT NULL DEFAULT false,
                  rolling_back boolean NOT NULL DEFAULT false,
                  throttle_reason text,
                  error text,
                  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                  updated_at timestamptz NOT NULL DEFAULT clock_timestamp())
                """,
            """
                CREATE TABLE segue.plan (
                  hash text NOT NULL,
                  change text NOT NULL REFERENCES segue.change,
                  json text NOT NULL,
                  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                  PRIMARY KEY (change, hash))
                """,
            """
                CREATE TABLE segue.step (
                  change text NOT NULL REFERENCES segue.change,
                  id text NOT NULL,
                  ordinal integer NOT NULL,
                  stage text NOT NULL,
                  kind text NOT NULL,
                  title text NOT NULL,
                  state text NOT NULL DEFAULT 'pending'
                      CHECK (state IN ('pending', 'running', 'done', 'failed', 'undone')),
                  attempts integer NOT NULL DEFAULT 0,
                  lock_wait_ms double precision,
                  lock_hold_ms double precision,
                  started_at timestamptz,
                  ended_at timestamptz,
                  error text,
                  evidence jsonb,
                  PRIMARY KEY (change, id))
                """,
            """
                CREATE TABLE segue.backfill (
                  change text NOT NULL REFERENCES segue.change,
                  step text NOT NULL,
                  relation text NOT NULL,
                  cursor jsonb NOT NULL,
                  rows_done bigint NOT NULL,
                  rows_total bigint NOT NULL,
                  blocks_done bigint NOT NULL,
                  blocks_total bigint NOT NULL,
                  blocks_skipped bigint NOT NULL,
                  rows_per_second double precision NOT NULL DEFAULT 0,
                  finished boolean NOT NULL,
                  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                  PRIMARY KEY (change, step, relation)) WITH (fillfactor = 50)
                """,
            """
                CREATE TABLE segue.lease (
                  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
                  token bigint NOT NULL,
                  runner text,
                  backend_pid integer,
                  backend_start timestamptz,
                  acquired_at timestamptz,
                  heartbeat_at timestamptz,
                  expires_at timestamptz NOT NULL) WITH (fillfactor = 50)
                """,
            "INSERT INTO segue.lease (token, expires_at) VALUES (0, '-infinity')",
            """
                CREATE TABLE segue.event (
                  id bigint PRIMARY KEY,
                  at timestamptz NOT NULL,
                  change text,
                  kind text NOT NULL,
                  message text NOT NULL,
                  previous_hash text NOT NULL,
                  hash text NOT NULL)
                """,
            // KEY SHARE does not block the heartbeat, but a takeover, which locks FOR UPDATE, cannot happen between
            // check and commit.
            """
                CREATE FUNCTION segue.fence(expected bigint) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog,
                    pg_temp AS $$
                BEGIN
                  PERFORM FROM segue.lease WHERE token = expected FOR KEY SHARE;
                  IF NOT FOUND THEN
                    RAISE EXCEPTION 'The lease was taken over by another runner.' USING ERRCODE = 'SG001';
                  END IF;
                END
                $$
                """,
            """
                CREATE FUNCTION segue.append_event(about text, event_kind text, event_message text) RETURNS void
                    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
                DECLARE
                  last segue.event;
                  now timestamptz := clock_timestamp();
                  next_id bigint;
                BEGIN
                  PERFORM FROM segue.meta FOR UPDATE;
                  SELECT * INTO last FROM segue.event ORDER BY id DESC LIMIT 1;
                  next_id := coalesce(last.id, 0) + 1;
                  INSERT INTO segue.event VALUES (next_id, now, about, event_kind, event_message,
                      coalesce(last.hash, ''),
                    encode(sha256(convert_to(concat_ws(chr(10), next_id, extract(epoch FROM now), about, event_kind,
                        event_message, coalesce(last.hash, '')), 'UTF8')), 'hex'));
                END
                $$
                """,
            """
                CREATE FUNCTION segue.refuse_edit() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog,
                    pg_temp AS $$
                BEGIN
                  RAISE EXCEPTION 'segue.event is append-only.';
                END
                $$
                """,
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON segue.event FOR EACH ROW EXECUTE "
                + "FUNCTION segue.refuse_edit()",
            "CREATE TRIGGER no_truncate BEFORE TRUNCATE ON segue.event FOR EACH STATEMENT EXECUTE FUNCTION "
                + "segue.refuse_edit()",
            """
                CREATE VIEW segue.progress AS
                SELECT c.name AS change, c.status, c.stage, c.gate, coalesce(sum(b.rows_done), 0)::bigint AS rows_done,
                    coalesce(sum(b.rows_total), 0)::bigint AS rows_total,
                       round(100.0 * sum(b.blocks_done) / nullif(sum(b.blocks_total), 0), 1) AS percent,
                           coalesce(sum(b.blocks_skipped), 0)::bigint AS blocks_skipped,
                       c.throttle_reason, c.error, c.updated_at
                FROM segue.change c LEFT JOIN segue.backfill b ON b.change = c.name
                GROUP BY c.name
                """,
            """
                CREATE VIEW segue.history AS
                SELECT e.at, e.change, e.kind, e.message,
                       e.previous_hash = coalesce(lag(e.hash) OVER (ORDER BY e.id), '')
                       AND e.hash = encode(sha256(convert_to(concat_ws(chr(10), e.id, extract(epoch FROM e.at),
                           e.change, e.kind, e.message, e.previous_hash), 'UTF8')), 'hex') AS unaltered
                FROM segue.event e ORDER BY e.id
                """,
        ],
        [
            """
                CREATE TABLE segue.retained (
                  change text NOT NULL REFERENCES segue.change,
                  step text NOT NULL,
                  what text NOT NULL,
                  relation text NOT NULL,
                  since timestamptz NOT NULL DEFAULT clock_timestamp(),
                  until timestamptz NOT NULL,
                  purged_at timestamptz,
                  PRIMARY KEY (change, step))
                """,
        ],
        [
            """
                CREATE FUNCTION segue.refuse_rewrite() RETURNS event_trigger
                    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
                BEGIN
                  IF coalesce(current_setting('segue.refuse_rewrite', true), '') = 'on' THEN
                    RAISE EXCEPTION 'This would rewrite the table %, which the plan does not say.',
                        pg_event_trigger_table_rewrite_oid()::regclass USING ERRCODE = 'SG002';
                  END IF;
                END
                $$
                """,
            // Only a superuser may create it; without it the plan's measurement is all there is.
            """
                DO $$ BEGIN CREATE EVENT TRIGGER segue_refuse_rewrite ON table_rewrite
                    EXECUTE FUNCTION segue.refuse_rewrite(); EXCEPTION WHEN insufficient_privilege
                    OR duplicate_object THEN NULL; END $$
                """,
        ],
        [
            """
                ALTER TABLE segue.change DROP CONSTRAINT change_status_check,
                  ADD CONSTRAINT change_status_check CHECK (status IN
                    ('pending', 'running', 'paused', 'waiting', 'completed', 'rolled_back', 'failed', 'interrupted'))
                """,
        ],
        [
            // Asked under the lock that the fill has taken: the table cannot be rewritten before this transaction ends.
            """
                CREATE FUNCTION segue.advance(of_change text, of_step text, of_relation text, generation bigint,
                    added bigint, place jsonb, place_block bigint, rate double precision,
                  OUT total bigint, OUT pause boolean) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
                BEGIN
                  IF coalesce(pg_relation_filenode(to_regclass(of_relation))::bigint, 0) <> generation THEN
                    RAISE EXCEPTION 'The table % was rewritten.', of_relation USING ERRCODE = 'SG010';
                  END IF;
                  UPDATE segue.backfill b SET rows_done = b.rows_done + added, cursor = coalesce(place, b.cursor),
                      blocks_done = coalesce(place_block, b.blocks_done),
                    rows_per_second = rate, updated_at = clock_timestamp()
                  WHERE b.change = of_change AND b.step = of_step AND b.relation = of_relation
                      RETURNING b.rows_done INTO total;
                  IF NOT FOUND THEN
                    RAISE EXCEPTION 'The ledger''s row of % is gone from segue.backfill.',
                        of_relation USING ERRCODE = 'SG011';
                  END IF;
                  SELECT c.pause_requested INTO pause FROM segue.change c WHERE c.name = of_change;
                END
                $$
                """,
            // The plan's own statement, under the plan's own search path. It is a function, because only here its rows
            // are counted in the transaction that changes them.
            """
                CREATE FUNCTION segue.fill(statement text, first tid, ending tid, share integer, of_change text,
                    of_step text, of_relation text, generation bigint, place jsonb, place_block bigint,
                  rate double precision, OUT filled bigint, OUT total bigint, OUT pause boolean,
                      OUT seconds double precision, OUT ended timestamptz) LANGUAGE plpgsql AS $$
                DECLARE
                  began timestamptz := pg_catalog.clock_timestamp();
                BEGIN
                  IF share IS NULL THEN
                    EXECUTE statement USING first, ending;
                  ELSE
                    EXECUTE statement USING first, ending, share;
                  END IF;
                  GET DIAGNOSTICS filled = ROW_COUNT;
                  ended := pg_catalog.clock_timestamp();
                  seconds := extract(epoch FROM ended - began);
                  SELECT a.total, a.pause INTO total, pause
                  FROM segue.advance(of_change, of_step, of_relation, generation, filled, place, place_block, rate)
                      AS a;
                END
                $$
                """,
        ],
        // From this version on tokens are random: an older Segue, which counts them, is refused by the version.
        [
            """
                CREATE OR REPLACE FUNCTION segue.fence(expected bigint) RETURNS void
                    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
                BEGIN
                  PERFORM FROM segue.lease WHERE token = expected FOR KEY SHARE;
                  IF NOT FOUND THEN
                    RAISE EXCEPTION 'This runner''s lease is not in force any more.' USING ERRCODE = 'SG001';
                  END IF;
                END
                $$
                """,
        ],
        // Two sessions count their rows in one row of segue.backfill. The one that holds it has done its work and waits
        // for nothing but its commit, so this wait cannot become a deadlock; but a busy machine may delay that commit
        // for longer than row_lock_timeout. The one that waits holds its own rows: a group for no longer than the hold
        // budget (its statement_timeout), a single block for less than deadlock_timeout.
        [
            """
                ALTER FUNCTION segue.advance(text, text, text, bigint, bigint, jsonb, bigint, double precision)
                    SET lock_timeout = '900ms'
                """,
        ],
        [.. OldWriteSchema.Statements],
    ];
}
