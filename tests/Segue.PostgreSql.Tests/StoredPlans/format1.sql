SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA segue;

CREATE FUNCTION segue.advance(of_change text, of_step text, of_relation text, generation bigint, added bigint, place jsonb, place_block bigint, rate double precision, OUT total bigint, OUT pause boolean) RETURNS record
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF coalesce(pg_relation_filenode(to_regclass(of_relation))::bigint, 0) <> generation THEN
    RAISE EXCEPTION 'The table % was rewritten.', of_relation USING ERRCODE = 'SG010';
  END IF;
  UPDATE segue.backfill b SET rows_done = b.rows_done + added, cursor = coalesce(place, b.cursor), blocks_done = coalesce(place_block, b.blocks_done),
    rows_per_second = rate, updated_at = clock_timestamp()
  WHERE b.change = of_change AND b.step = of_step AND b.relation = of_relation RETURNING b.rows_done INTO total;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'The ledger''s row of % is gone from segue.backfill.', of_relation USING ERRCODE = 'SG011';
  END IF;
  SELECT c.pause_requested INTO pause FROM segue.change c WHERE c.name = of_change;
END
$$;

CREATE FUNCTION segue.append_event(about text, event_kind text, event_message text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  last segue.event;
  now timestamptz := clock_timestamp();
  next_id bigint;
BEGIN
  PERFORM FROM segue.meta FOR UPDATE;
  SELECT * INTO last FROM segue.event ORDER BY id DESC LIMIT 1;
  next_id := coalesce(last.id, 0) + 1;
  INSERT INTO segue.event VALUES (next_id, now, about, event_kind, event_message, coalesce(last.hash, ''),
    encode(sha256(convert_to(concat_ws(chr(10), next_id, extract(epoch FROM now), about, event_kind, event_message, coalesce(last.hash, '')), 'UTF8')), 'hex'));
END
$$;

CREATE FUNCTION segue.fence(expected bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  PERFORM FROM segue.lease WHERE token = expected FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'This runner''s lease is not in force any more.' USING ERRCODE = 'SG001';
  END IF;
END
$$;

CREATE FUNCTION segue.fill(statement text, first tid, ending tid, share integer, of_change text, of_step text, of_relation text, generation bigint, place jsonb, place_block bigint, rate double precision, OUT filled bigint, OUT total bigint, OUT pause boolean, OUT seconds double precision, OUT ended timestamp with time zone) RETURNS record
    LANGUAGE plpgsql
    AS $$
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
  FROM segue.advance(of_change, of_step, of_relation, generation, filled, place, place_block, rate) AS a;
END
$$;

CREATE FUNCTION segue.refuse_edit() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  RAISE EXCEPTION 'segue.event is append-only.';
END
$$;

CREATE FUNCTION segue.refuse_rewrite() RETURNS event_trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF coalesce(current_setting('segue.refuse_rewrite', true), '') = 'on' THEN
    RAISE EXCEPTION 'This would rewrite the table %, which the plan does not say.', pg_event_trigger_table_rewrite_oid()::regclass USING ERRCODE = 'SG002';
  END IF;
END
$$;

CREATE FUNCTION segue.sync_33322a2b() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET exit_on_error TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
  segue_context text;
  segue_abbreviations text;
BEGIN
  BEGIN
    IF (TG_OP = 'INSERT' AND NEW."currency" IS NULL) OR (TG_OP = 'UPDATE' AND (NEW."currency" IS NULL)) THEN
      NEW."currency" := NULL;
      NEW."currency" := (SELECT (
CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END
)
        FROM (SELECT NEW."region" AS "region") AS "orders");
    END IF;
  EXCEPTION
    WHEN query_canceled THEN
      -- The server's own cancel goes on to the app; one that code raised by this name is an error like any other.
      GET STACKED DIAGNOSTICS segue_context = PG_EXCEPTION_CONTEXT;
      IF SQLERRM LIKE 'canceling %' OR split_part(segue_context, chr(10), 1) !~ '[^A-Z]RAISE' THEN
        RAISE;
      END IF;
    WHEN assert_failure OR OTHERS THEN
      NULL;
  END;
  RETURN NEW;
END
$$;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public.currencies (
    code character(3) NOT NULL
);

CREATE TABLE public.old_orders (
    id bigint NOT NULL,
    note text
);

CREATE TABLE public.orders (
    id bigint NOT NULL,
    region text,
    currency character(3)
);

CREATE TABLE segue.backfill (
    change text NOT NULL,
    step text NOT NULL,
    relation text NOT NULL,
    cursor jsonb NOT NULL,
    rows_done bigint NOT NULL,
    rows_total bigint NOT NULL,
    blocks_done bigint NOT NULL,
    blocks_total bigint NOT NULL,
    blocks_skipped bigint NOT NULL,
    rows_per_second double precision DEFAULT 0 NOT NULL,
    finished boolean NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE segue.change (
    name text NOT NULL,
    description text,
    content_hash text NOT NULL,
    plan_hash text NOT NULL,
    git_commit text,
    author text,
    status text NOT NULL,
    stage text,
    gate text,
    pause_requested boolean DEFAULT false NOT NULL,
    rolling_back boolean DEFAULT false NOT NULL,
    throttle_reason text,
    error text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT change_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'paused'::text, 'waiting'::text, 'completed'::text, 'rolled_back'::text, 'failed'::text, 'interrupted'::text])))
);

CREATE TABLE segue.event (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    change text,
    kind text NOT NULL,
    message text NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL
);

CREATE VIEW segue.history AS
 SELECT e.at,
    e.change,
    e.kind,
    e.message,
    ((e.previous_hash = COALESCE(lag(e.hash) OVER (ORDER BY e.id), ''::text)) AND (e.hash = encode(sha256(convert_to(concat_ws(chr(10), e.id, EXTRACT(epoch FROM e.at), e.change, e.kind, e.message, e.previous_hash), 'UTF8'::name)), 'hex'::text))) AS unaltered
   FROM segue.event e
  ORDER BY e.id;

CREATE TABLE segue.lease (
    only_row boolean DEFAULT true NOT NULL,
    token bigint NOT NULL,
    runner text,
    backend_pid integer,
    backend_start timestamp with time zone,
    acquired_at timestamp with time zone,
    heartbeat_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT lease_only_row_check CHECK (only_row)
)
WITH (fillfactor='50');

CREATE TABLE segue.meta (
    version integer NOT NULL,
    only_row boolean DEFAULT true NOT NULL,
    CONSTRAINT meta_only_row_check CHECK (only_row)
);

CREATE TABLE segue.plan (
    hash text NOT NULL,
    change text NOT NULL,
    json text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE VIEW segue.progress AS
SELECT
    NULL::text AS change,
    NULL::text AS status,
    NULL::text AS stage,
    NULL::text AS gate,
    NULL::bigint AS rows_done,
    NULL::bigint AS rows_total,
    NULL::numeric AS percent,
    NULL::bigint AS blocks_skipped,
    NULL::text AS throttle_reason,
    NULL::text AS error,
    NULL::timestamp with time zone AS updated_at;

CREATE TABLE segue.retained (
    change text NOT NULL,
    step text NOT NULL,
    what text NOT NULL,
    relation text NOT NULL,
    since timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    until timestamp with time zone NOT NULL,
    purged_at timestamp with time zone
);

CREATE TABLE segue.step (
    change text NOT NULL,
    id text NOT NULL,
    ordinal integer NOT NULL,
    stage text NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    lock_wait_ms double precision,
    lock_hold_ms double precision,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    error text,
    evidence jsonb,
    CONSTRAINT step_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'running'::text, 'done'::text, 'failed'::text, 'undone'::text])))
);

INSERT INTO public.currencies VALUES ('USD');
INSERT INTO public.currencies VALUES ('EUR');

INSERT INTO public.old_orders VALUES (1, 'a');

INSERT INTO public.orders VALUES (7, 'us', NULL);
INSERT INTO public.orders VALUES (1, 'us', 'USD');
INSERT INTO public.orders VALUES (2, 'eu', 'EUR');
INSERT INTO public.orders VALUES (3, 'us', 'USD');
INSERT INTO public.orders VALUES (4, 'eu', 'EUR');
INSERT INTO public.orders VALUES (5, 'us', 'USD');
INSERT INTO public.orders VALUES (6, 'eu', 'EUR');
INSERT INTO public.orders VALUES (8, 'eu', 'EUR');
INSERT INTO public.orders VALUES (9, 'us', 'USD');
INSERT INTO public.orders VALUES (10, 'eu', 'EUR');
INSERT INTO public.orders VALUES (11, 'us', 'USD');
INSERT INTO public.orders VALUES (12, 'eu', 'EUR');
INSERT INTO public.orders VALUES (13, 'us', 'USD');
INSERT INTO public.orders VALUES (14, 'eu', 'EUR');
INSERT INTO public.orders VALUES (15, 'us', 'USD');
INSERT INTO public.orders VALUES (16, 'eu', 'EUR');
INSERT INTO public.orders VALUES (17, 'us', 'USD');
INSERT INTO public.orders VALUES (18, 'eu', 'EUR');
INSERT INTO public.orders VALUES (19, 'us', 'USD');
INSERT INTO public.orders VALUES (20, 'eu', 'EUR');
INSERT INTO public.orders VALUES (21, 'us', 'USD');
INSERT INTO public.orders VALUES (22, 'eu', 'EUR');
INSERT INTO public.orders VALUES (23, 'us', 'USD');
INSERT INTO public.orders VALUES (24, 'eu', 'EUR');
INSERT INTO public.orders VALUES (25, 'us', 'USD');
INSERT INTO public.orders VALUES (26, 'eu', 'EUR');
INSERT INTO public.orders VALUES (27, 'us', 'USD');
INSERT INTO public.orders VALUES (28, 'eu', 'EUR');
INSERT INTO public.orders VALUES (29, 'us', 'USD');
INSERT INTO public.orders VALUES (30, 'eu', 'EUR');
INSERT INTO public.orders VALUES (31, 'us', 'USD');
INSERT INTO public.orders VALUES (32, 'eu', 'EUR');
INSERT INTO public.orders VALUES (33, 'us', 'USD');
INSERT INTO public.orders VALUES (34, 'eu', 'EUR');
INSERT INTO public.orders VALUES (35, 'us', 'USD');
INSERT INTO public.orders VALUES (36, 'eu', 'EUR');
INSERT INTO public.orders VALUES (37, 'us', 'USD');
INSERT INTO public.orders VALUES (38, 'eu', 'EUR');
INSERT INTO public.orders VALUES (39, 'us', 'USD');
INSERT INTO public.orders VALUES (40, 'eu', 'EUR');
INSERT INTO public.orders VALUES (41, 'us', 'USD');
INSERT INTO public.orders VALUES (42, 'eu', 'EUR');
INSERT INTO public.orders VALUES (43, 'us', 'USD');
INSERT INTO public.orders VALUES (44, 'eu', 'EUR');
INSERT INTO public.orders VALUES (45, 'us', 'USD');
INSERT INTO public.orders VALUES (46, 'eu', 'EUR');
INSERT INTO public.orders VALUES (47, 'us', 'USD');
INSERT INTO public.orders VALUES (48, 'eu', 'EUR');
INSERT INTO public.orders VALUES (49, 'us', 'USD');
INSERT INTO public.orders VALUES (50, 'eu', 'EUR');
INSERT INTO public.orders VALUES (51, 'us', 'USD');
INSERT INTO public.orders VALUES (52, 'eu', 'EUR');
INSERT INTO public.orders VALUES (53, 'us', 'USD');
INSERT INTO public.orders VALUES (54, 'eu', 'EUR');
INSERT INTO public.orders VALUES (55, 'us', 'USD');
INSERT INTO public.orders VALUES (56, 'eu', 'EUR');
INSERT INTO public.orders VALUES (57, 'us', 'USD');
INSERT INTO public.orders VALUES (58, 'eu', 'EUR');
INSERT INTO public.orders VALUES (59, 'us', 'USD');
INSERT INTO public.orders VALUES (60, 'eu', 'EUR');

INSERT INTO segue.backfill VALUES ('0001_currency', 'backfill/public.orders', '"public"."orders"', '{"end": 1, "next": 1, "pass": 0, "rows": 0, "failed": {"count": 0, "samples": []}, "passes": 1, "skipped": [{"end": 1, "start": 0, "blocks": 1}], "finished": false, "groupEnd": 1, "rowsTotal": 60, "generation": 17242}', 59, 60, 1, 1, 1, 38.2396487863254, false, '2026-11-30 16:53:52.068021+00', '2026-11-30 16:53:55.438014+00');

INSERT INTO segue.change VALUES ('0002_old_orders', NULL, '07a394b63c7bf7f2edb80cc2e6fa69c55147b28fbaabe561eaf2c8c6b93b25b0', 'e5a9ebb58ee11c3f512a058dedfe0717ad491933f6d30adfefdf23067d42129f', NULL, NULL, 'waiting', 'switch', 'nobody to use table public.old_orders any more', false, false, NULL, NULL, '2026-11-30 16:53:20.939912+00', '2026-11-30 16:53:21.393507+00');
INSERT INTO segue.change VALUES ('0001_currency', NULL, '39a77f3503358680e7f7e6267a55ca471672dcc72003e0efb1ae008a79966ad0', 'dd696a367b555b670ba817e1641f9d7c9908ead3b8b56f78dd37a28aee1d259c', NULL, NULL, 'running', 'backfill', NULL, false, false, 'Waiting for rows that an app has locked: pid 23715 (psql, user postgres, active for 22 s).', NULL, '2026-11-30 16:53:31.835304+00', '2026-11-30 16:53:55.445917+00');

INSERT INTO segue.event VALUES (1, '2026-11-30 16:53:20.941806+00', '0002_old_orders', 'planned', 'plan e5a9ebb58ee11c3f512a058dedfe0717ad491933f6d30adfefdf23067d42129f', '', 'a60f90db1aea47b6b247a83be0e29e892f5fbbeab87c3a826546b8b3e7efe1bd');
INSERT INTO segue.event VALUES (2, '2026-11-30 16:53:21.381522+00', '0002_old_orders', 'running', 'switch', 'a60f90db1aea47b6b247a83be0e29e892f5fbbeab87c3a826546b8b3e7efe1bd', '6f05cb4f5092326cdc1c008c1b4e0591a3de659a34c119342cc71cdac88f7130');
INSERT INTO segue.event VALUES (3, '2026-11-30 16:53:21.393588+00', '0002_old_orders', 'waiting', 'nobody to use table public.old_orders any more', '6f05cb4f5092326cdc1c008c1b4e0591a3de659a34c119342cc71cdac88f7130', 'a2151f679d598bf5dcf9dced25496eb3ecc830f2102aaafb8b016fc8aa7fe57c');
INSERT INTO segue.event VALUES (4, '2026-11-30 16:53:31.851356+00', '0001_currency', 'planned', 'plan dd696a367b555b670ba817e1641f9d7c9908ead3b8b56f78dd37a28aee1d259c', 'a2151f679d598bf5dcf9dced25496eb3ecc830f2102aaafb8b016fc8aa7fe57c', 'c9ffd05233568467dba7834627ad6ff55f79719f163438b7eb85b51ea819ba45');
INSERT INTO segue.event VALUES (5, '2026-11-30 16:53:32.439175+00', '0001_currency', 'running', 'expand', 'c9ffd05233568467dba7834627ad6ff55f79719f163438b7eb85b51ea819ba45', 'a5ce2c89c51d6ca3d301f9c457985abfa9594065f5fb5f1397cb9f2c0dfdb283');
INSERT INTO segue.event VALUES (6, '2026-11-30 16:53:32.493328+00', '0001_currency', 'step_running', 'expand/public.orders', 'a5ce2c89c51d6ca3d301f9c457985abfa9594065f5fb5f1397cb9f2c0dfdb283', '090282d2e4bec1ddb3ae3a29fe6ffba37a05051be08890505a034be1b4e30971');
INSERT INTO segue.event VALUES (7, '2026-11-30 16:53:32.761473+00', '0001_currency', 'step_done', 'expand/public.orders', '090282d2e4bec1ddb3ae3a29fe6ffba37a05051be08890505a034be1b4e30971', '20317f2bac2ac0bd0f79a4c1471e372a948386d178d178a428a857ac2a2f1f20');
INSERT INTO segue.event VALUES (8, '2026-11-30 16:53:32.93181+00', '0001_currency', 'waiting', '`segue apply 0001_currency` to go on: stopped after expand, as asked', '20317f2bac2ac0bd0f79a4c1471e372a948386d178d178a428a857ac2a2f1f20', '83e0b5b49ffa8186c80820b563c379d736ae9804104bc6c79089b14042e3693d');
INSERT INTO segue.event VALUES (9, '2026-11-30 16:53:50.674143+00', '0001_currency', 'running', 'backfill', '83e0b5b49ffa8186c80820b563c379d736ae9804104bc6c79089b14042e3693d', '429dd470e4412e888d5f05e02a5286824f0d7bd40962d5034ba02866de2b0b34');
INSERT INTO segue.event VALUES (10, '2026-11-30 16:53:51.325695+00', '0001_currency', 'step_running', 'backfill/public.orders', '429dd470e4412e888d5f05e02a5286824f0d7bd40962d5034ba02866de2b0b34', '300d9232c06321e4c2a72af47d4fe96e77e211418655f655c0d81ac80d5c8f2e');

INSERT INTO segue.lease VALUES (true, 3982142127477565151, 'root@build-7, process 23723', 23905, '2026-11-30 16:53:37.949037+00', '2026-11-30 16:53:47.348246+00', '2026-11-30 16:53:53.894581+00', '2026-11-30 16:54:08.894581+00');

INSERT INTO segue.meta VALUES (6, true);

INSERT INTO segue.plan VALUES ('e5a9ebb58ee11c3f512a058dedfe0717ad491933f6d30adfefdf23067d42129f', '0002_old_orders', '{"afterwards":[],"alters":[],"change":"0002_old_orders","changeHash":"07a394b63c7bf7f2edb80cc2e6fa69c55147b28fbaabe561eaf2c8c6b93b25b0","engine":"postgresql","fingerprint":["column public.old_orders.id bigint","column public.old_orders.note text","constraint public.old_orders.old_orders_pkey PRIMARY KEY (id)","table public.old_orders kind r persistence p owner postgres"],"format":1,"hazards":[{"code":"table-use","message":"public.old_orders holds about 1,200 rows (8 kB, without indexes). Since the server''s statistics were last reset it was read 1 times and 1 rows of it were written (replicas keep their own): make sure that nobody does any more."},{"code":"kept-aside","message":"`segue complete` puts it aside as \"segue_kept_01668790\".\"old_orders\", with all that belongs to it, for 7 days; until then `segue rollback 0002_old_orders` brings it back as it was, and its disk space stays taken. Then `segue purge 0002_old_orders` drops it for good."}],"limits":{"batchTargetMs":50,"holdBudgetMs":500,"lockTimeoutMs":200,"patientLockTimeoutMs":1500,"rowLockTimeoutMs":25},"searchPath":["public"],"serverVersion":15,"settings":{"DateStyle":"ISO, MDY","IntervalStyle":"postgres","TimeZone":"Etc/UTC","array_nulls":"on","backslash_quote":"safe_encoding","bytea_output":"hex","default_text_search_config":"pg_catalog.english","extra_float_digits":"1","gin_fuzzy_search_limit":"0","lc_monetary":"C","lc_numeric":"C","lc_time":"C","quote_all_identifiers":"off","standard_conforming_strings":"on","timezone_abbreviations":"Default","transform_null_equals":"off","xmlbinary":"base64","xmloption":"content"},"stages":[{"name":"switch","steps":[{"id":"switch/drop-table/public.old_orders","impact":{"blocks":"nothing","cost":"wait","locks":[],"reversible":true},"kind":"gate","passedBy":"segue complete 0002_old_orders","title":"wait until nobody uses old_orders","undo":[],"waitsFor":"nobody to use table public.old_orders any more"}]},{"name":"contract","steps":[{"applied":"SELECT (to_regclass(''\"segue_kept_01668790\".\"old_orders\"'') IS NOT NULL)","estimate":{"basis":"catalog only, whatever the size","bytes":8192,"rows":1200,"seconds":0.01},"id":"contract/drop-table/public.old_orders","impact":{"blocks":"reads_and_writes","cost":"metadata","locks":[{"blocks":"reads_and_writes","mode":"ACCESS EXCLUSIVE","relation":"\"public\".\"old_orders\""}],"reversible":true},"isWatched":false,"keeps":{"purge":{"applied":"SELECT NOT (to_regclass(''\"segue_kept_01668790\".\"old_orders\"'') IS NOT NULL)","estimate":{"basis":"catalog only, whatever the size","bytes":8192,"rows":1200,"seconds":0.01},"id":"contract/drop-table/purge/public.old_orders","impact":{"blocks":"reads_and_writes","cost":"metadata","locks":[{"blocks":"reads_and_writes","mode":"ACCESS EXCLUSIVE","relation":"\"segue_kept_01668790\".\"old_orders\""}],"reversible":false},"isWatched":false,"kind":"ddl","locks":["LOCK TABLE \"segue_kept_01668790\".\"old_orders\" IN ACCESS EXCLUSIVE MODE"],"patientLocks":["LOCK TABLE \"segue_kept_01668790\".\"old_orders\" IN SHARE UPDATE EXCLUSIVE MODE"],"statements":["DROP TABLE \"segue_kept_01668790\".\"old_orders\"","DROP SCHEMA \"segue_kept_01668790\"","UPDATE segue.retained SET purged_at = clock_timestamp() WHERE change = ''0002_old_orders'' AND step = ''contract/drop-table/public.old_orders''"],"title":"drop public.old_orders for good","undo":[]},"relation":"\"segue_kept_01668790\".\"old_orders\"","seconds":604800,"what":"public.old_orders"},"kind":"ddl","locks":["LOCK TABLE \"public\".\"old_orders\" IN ACCESS EXCLUSIVE MODE"],"obstacle":{"exists":"SELECT EXISTS (WITH tables AS (SELECT to_regclass(''\"public\".\"old_orders\"'')::oid AS oid UNION SELECT relid FROM pg_catalog.pg_partition_tree(to_regclass(''\"public\".\"old_orders\"''))),\nown AS (\n  SELECT ''pg_catalog.pg_class''::regclass::oid AS class, oid FROM tables\n  UNION SELECT ''pg_catalog.pg_class''::regclass, indexrelid FROM pg_catalog.pg_index WHERE indrelid IN (SELECT oid FROM tables)\n  UNION SELECT ''pg_catalog.pg_class''::regclass, s.oid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = ''S''\n        WHERE d.classid = ''pg_catalog.pg_class''::regclass AND d.refclassid = ''pg_catalog.pg_class''::regclass AND d.refobjid IN (SELECT oid FROM tables) AND d.deptype IN (''a'', ''i'')\n  UNION SELECT ''pg_catalog.pg_type''::regclass, t.oid FROM pg_catalog.pg_type t WHERE t.typrelid IN (SELECT oid FROM tables)\n  UNION SELECT ''pg_catalog.pg_type''::regclass, t.typarray FROM pg_catalog.pg_type t WHERE t.typrelid IN (SELECT oid FROM tables) AND t.typarray <> 0\n  UNION SELECT ''pg_catalog.pg_constraint''::regclass, oid FROM pg_catalog.pg_constraint WHERE conrelid IN (SELECT oid FROM tables)\n  UNION SELECT ''pg_catalog.pg_attrdef''::regclass, oid FROM pg_catalog.pg_attrdef WHERE adrelid IN (SELECT oid FROM tables)\n  UNION SELECT ''pg_catalog.pg_trigger''::regclass, oid FROM pg_catalog.pg_trigger WHERE tgrelid IN (SELECT oid FROM tables)\n  UNION SELECT ''pg_catalog.pg_rewrite''::regclass, oid FROM pg_catalog.pg_rewrite WHERE ev_class IN (SELECT oid FROM tables)\n  UNION SELECT ''pg_catalog.pg_policy''::regclass, oid FROM pg_catalog.pg_policy WHERE polrelid IN (SELECT oid FROM tables)\n  UNION SELECT ''pg_catalog.pg_publication_rel''::regclass, oid FROM pg_catalog.pg_publication_rel WHERE prrelid IN (SELECT oid FROM tables)\n  UNION SELECT ''pg_catalog.pg_statistic_ext''::regclass, oid FROM pg_catalog.pg_statistic_ext WHERE stxrelid IN (SELECT oid FROM tables))\nSELECT DISTINCT coalesce((SELECT pg_catalog.pg_describe_object(''pg_catalog.pg_class''::regclass, r.ev_class, 0) FROM pg_catalog.pg_rewrite r WHERE d.classid = ''pg_catalog.pg_rewrite''::regclass AND r.oid = d.objid),\n                         pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)) AS dependent\nFROM pg_catalog.pg_depend d JOIN own ON own.class = d.refclassid AND own.oid = d.refobjid\nWHERE d.deptype = ''n'' AND NOT EXISTS (SELECT FROM own o WHERE o.class = d.classid AND o.oid = d.objid))","what":"something was made since the change was planned that needs public.old_orders: a view, a foreign key, a function. Drop or change that (`\\d+` in psql shows it)"},"patientLocks":["LOCK TABLE \"public\".\"old_orders\" IN SHARE UPDATE EXCLUSIVE MODE"],"statements":["CREATE SCHEMA \"segue_kept_01668790\"","ALTER TABLE \"public\".\"old_orders\" SET SCHEMA \"segue_kept_01668790\"","INSERT INTO segue.retained (change, step, what, relation, until) VALUES (''0002_old_orders'', ''contract/drop-table/public.old_orders'', ''public.old_orders'', ''\"segue_kept_01668790\".\"old_orders\"'', clock_timestamp() + interval ''604800 seconds'')"],"title":"put table old_orders aside","undo":[{"applied":"SELECT (to_regclass(''\"public\".\"old_orders\"'') IS NOT NULL)\n   AND NOT (to_regclass(''\"segue_kept_01668790\".\"old_orders\"'') IS NOT NULL)","estimate":{"basis":"catalog only, whatever the size","bytes":8192,"rows":1200,"seconds":0.01},"id":"contract/drop-table/undo/public.old_orders","impact":{"blocks":"reads_and_writes","cost":"metadata","locks":[{"blocks":"reads_and_writes","mode":"ACCESS EXCLUSIVE","relation":"\"segue_kept_01668790\".\"old_orders\""}],"reversible":true},"isWatched":false,"kind":"ddl","locks":["LOCK TABLE \"segue_kept_01668790\".\"old_orders\" IN ACCESS EXCLUSIVE MODE"],"obstacle":{"exists":"SELECT ((NOT (to_regclass(''\"segue_kept_01668790\".\"old_orders\"'') IS NOT NULL)) OR ((to_regclass(''\"public\".\"old_orders\"'') IS NOT NULL)))","what":"public.old_orders cannot come back: what was kept of it is gone (purged, or taken away by hand), or its name is something else''s now, which must be renamed first"},"patientLocks":["LOCK TABLE \"segue_kept_01668790\".\"old_orders\" IN SHARE UPDATE EXCLUSIVE MODE"],"statements":["ALTER TABLE \"segue_kept_01668790\".\"old_orders\" SET SCHEMA \"public\"","DROP SCHEMA \"segue_kept_01668790\"","DELETE FROM segue.retained WHERE change = ''0002_old_orders'' AND step = ''contract/drop-table/public.old_orders''"],"title":"bring table old_orders back","undo":[]}]}]}],"takes":["table public.old_orders"]}', '2026-11-30 16:53:20.94063+00');
INSERT INTO segue.plan VALUES ('dd696a367b555b670ba817e1641f9d7c9908ead3b8b56f78dd37a28aee1d259c', '0001_currency', '{"afterwards":[],"alters":[],"change":"0001_currency","changeHash":"39a77f3503358680e7f7e6267a55ca471672dcc72003e0efb1ae008a79966ad0","engine":"postgresql","fingerprint":["column public.currencies.code character(3)","column public.orders.id bigint","column public.orders.region text","constraint public.currencies.currencies_pkey PRIMARY KEY (code)","constraint public.orders.orders_pkey PRIMARY KEY (id)","table public.currencies kind r persistence p owner postgres","table public.orders kind r persistence p owner postgres"],"format":1,"hazards":[{"code":"star-statements","message":"Statements whose shape is * break on any new column: a prepared SELECT * or RETURNING *, COPY or INSERT ... SELECT * without a column list. Let them name their columns or read a view of the table, or let the app''s pool reconnect after expand. pg_stat_statements is not installed here, or hidden from our role, so Segue cannot say which do."},{"code":"bloat","message":"Filling grows orders (8 kB) by about a fifth and leaves dead row versions, which the next autovacuum clears. Where autovacuum is off for the table, or seldom comes, `VACUUM \"public\".\"orders\"` afterwards."},{"code":"nowait-apps","message":"A batch holds its rows for some tens of milliseconds: meanwhile SELECT ... FOR UPDATE NOWAIT of such a row fails and SKIP LOCKED passes over it, as beside any other writer of orders."},{"code":"serializable-apps","message":"An app transaction in REPEATABLE READ or SERIALIZABLE that updates a row of orders which was filled after its snapshot gets 40001, as with any concurrent update; it must retry, as it must today."},{"code":"enforced-before-switch","message":"The constraints of currency hold from the enforce stage on, while old code still runs: a row of its for which the expression gives NULL, or fails, or gives what a constraint forbids, is rejected then. Let the expression cover every row old code may write, e.g. with coalesce."}],"limits":{"batchTargetMs":50,"holdBudgetMs":500,"lockTimeoutMs":200,"patientLockTimeoutMs":1500,"rowLockTimeoutMs":25},"searchPath":["public"],"serverVersion":15,"settings":{"DateStyle":"ISO, MDY","IntervalStyle":"postgres","TimeZone":"Etc/UTC","array_nulls":"on","backslash_quote":"safe_encoding","bytea_output":"hex","default_text_search_config":"pg_catalog.english","extra_float_digits":"1","gin_fuzzy_search_limit":"0","lc_monetary":"C","lc_numeric":"C","lc_time":"C","quote_all_identifiers":"off","standard_conforming_strings":"on","timezone_abbreviations":"Default","transform_null_equals":"off","xmlbinary":"base64","xmloption":"content"},"stages":[{"name":"expand","steps":[{"applied":"SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass(''\"public\".\"orders\"'') AND attname = ''currency'' AND NOT attisdropped AND CASE WHEN concat(set_config(''search_path'', '''', true), set_config(''quote_all_identifiers'', ''off'', true), set_config(''TimeZone'', ''UTC'', true), set_config(''DateStyle'', ''ISO'', true), set_config(''IntervalStyle'', ''postgres'', true), set_config(''extra_float_digits'', ''1'', true), set_config(''bytea_output'', ''hex'', true), set_config(''xmlbinary'', ''base64'', true), set_config(''lc_monetary'', ''C'', true)) IS NOT NULL THEN format_type(atttypid, atttypmod) END = ''character(3)'')\n   AND EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ''segue'' AND p.proname = ''sync_33322a2b'')\n   AND EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = to_regclass(''\"public\".\"orders\"'') AND tgname = ''segue_33322a2b_insert'' AND tgenabled = ''A'' AND NOT EXISTS (\n  SELECT FROM pg_catalog.pg_partition_tree(to_regclass(''\"public\".\"orders\"'')) tree JOIN pg_catalog.pg_trigger part ON part.tgrelid = tree.relid WHERE part.tgname = ''segue_33322a2b_insert'' AND part.tgenabled <> ''A''))","estimate":{"basis":"catalog only, whatever the size","bytes":8192,"rows":60,"seconds":0.01},"id":"expand/public.orders","impact":{"blocks":"reads_and_writes","cost":"metadata","locks":[{"blocks":"reads_and_writes","mode":"ACCESS EXCLUSIVE","relation":"\"public\".\"orders\""}],"reversible":true},"isWatched":false,"kind":"ddl","locks":["LOCK TABLE \"public\".\"orders\" IN ACCESS EXCLUSIVE MODE"],"patientLocks":["LOCK TABLE \"public\".\"orders\" IN SHARE UPDATE EXCLUSIVE MODE"],"statements":["ALTER TABLE \"public\".\"orders\"\n  ADD COLUMN \"currency\" character(3)","CREATE FUNCTION segue.\"sync_33322a2b\"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER\nSET search_path = \"public\", \"pg_temp\"\nSET exit_on_error = off\nAS $segue_33322a2b$\n#variable_conflict use_column\nDECLARE\n  segue_context text;\n  segue_abbreviations text;\nBEGIN\n  BEGIN\n    IF (TG_OP = ''INSERT'' AND NEW.\"currency\" IS NULL) OR (TG_OP = ''UPDATE'' AND (NEW.\"currency\" IS NULL)) THEN\n      NEW.\"currency\" := NULL;\n      NEW.\"currency\" := (SELECT (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n)\n        FROM (SELECT NEW.\"region\" AS \"region\") AS \"orders\");\n    END IF;\n  EXCEPTION\n    WHEN query_canceled THEN\n      -- The server''s own cancel goes on to the app; one that code raised by this name is an error like any other.\n      GET STACKED DIAGNOSTICS segue_context = PG_EXCEPTION_CONTEXT;\n      IF SQLERRM LIKE ''canceling %'' OR split_part(segue_context, chr(10), 1) !~ ''[^A-Z]RAISE'' THEN\n        RAISE;\n      END IF;\n    WHEN assert_failure OR OTHERS THEN\n      NULL;\n  END;\n  RETURN NEW;\nEND\n$segue_33322a2b$","CREATE TRIGGER \"segue_33322a2b_insert\" BEFORE INSERT ON \"public\".\"orders\" FOR EACH ROW\nWHEN (NEW.\"currency\" IS NULL)\nEXECUTE FUNCTION segue.\"sync_33322a2b\"()","ALTER TABLE \"public\".\"orders\" ENABLE ALWAYS TRIGGER \"segue_33322a2b_insert\""],"title":"add currency to orders and keep it in step with old code","undo":[{"applied":"SELECT ((NOT (to_regclass(''\"public\".\"orders\"'') IS NOT NULL)) OR (NOT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass(''\"public\".\"orders\"'') AND attname = ''currency'' AND NOT attisdropped)\n   AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ''segue'' AND p.proname = ''sync_33322a2b'')\n   AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = to_regclass(''\"public\".\"orders\"'') AND tgname = ''segue_33322a2b_insert'')\n   AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = to_regclass(''\"public\".\"orders\"'') AND tgname = ''segue_33322a2b_update'')))","estimate":{"basis":"catalog only, whatever the size","bytes":8192,"rows":60,"seconds":0.01},"id":"expand/undo/public.orders","impact":{"blocks":"reads_and_writes","cost":"metadata","locks":[{"blocks":"reads_and_writes","mode":"ACCESS EXCLUSIVE","relation":"\"public\".\"orders\""}],"reversible":true},"isWatched":false,"kind":"ddl","locks":["LOCK TABLE \"public\".\"orders\" IN ACCESS EXCLUSIVE MODE"],"obstacle":{"exists":"SELECT NOT (to_regclass(''\"public\".\"orders\"'') IS NOT NULL) AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relkind = ''r'' AND NOT c.relispartition\n  AND ARRAY(SELECT attname::text FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) @> ARRAY[''id'', ''region'', ''currency''])","what":"public.orders is gone, and another table has all its columns, currency as well: it was renamed or moved since. Give it its name back; or, if that is another table, `CREATE TABLE \"public\".\"orders\" ()`"},"patientLocks":["LOCK TABLE \"public\".\"orders\" IN SHARE UPDATE EXCLUSIVE MODE"],"statements":["DROP TRIGGER IF EXISTS \"segue_33322a2b_insert\" ON \"public\".\"orders\"","DROP TRIGGER IF EXISTS \"segue_33322a2b_update\" ON \"public\".\"orders\"","DROP FUNCTION IF EXISTS segue.\"sync_33322a2b\"()","ALTER TABLE \"public\".\"orders\"\n  DROP COLUMN IF EXISTS \"currency\""],"title":"drop currency from orders","undo":[]},{"applied":"SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ''segue'' AND p.proname = ''sync_33322a2b'')","estimate":{"basis":"catalog only, whatever the size","bytes":8192,"rows":60,"seconds":0.01},"id":"expand/undo-orphans/public.orders","impact":{"blocks":"nothing","cost":"metadata","locks":[],"reversible":true},"kind":"online","obstacle":{"exists":"SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ''segue'' AND p.proname IN (''sync_33322a2b''))","what":"\"public\".\"orders\" is gone, but its sync triggers are not: it was renamed or moved. `SELECT DISTINCT tgrelid::regclass FROM pg_trigger WHERE tgfoid = ''segue.\"sync_33322a2b\"''::regproc` tells where it is. Give it its name back"},"statement":"DROP FUNCTION IF EXISTS segue.\"sync_33322a2b\"()","title":"drop the sync functions of orders, should the table be gone","undo":[]}]}]},{"name":"backfill","steps":[{"estimate":{"basis":"80,000 rows/s; longer when throttled","bytes":8192,"rows":60,"seconds":0},"id":"backfill/public.orders","impact":{"blocks":"nothing","cost":"batches","locks":[{"blocks":"nothing","mode":"ROW EXCLUSIVE","relation":"\"public\".\"orders\""}],"reversible":true},"isSweep":false,"kind":"backfill","targets":[{"countLeft":"SELECT count(*) FROM \"public\".\"orders\" AS \"orders\"\nWHERE ctid >= $1 AND ctid < $2\n  AND (\"currency\" IS NULL AND (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n) IS NOT NULL)","fillEach":"DO $segue$\nDECLARE\n  rows tid[]; owners oid[]; todo int[]; a int; b int; n bigint; m bigint; keys text[]; key text; error text;\n  done bigint := 0; others bigint := 0; failed bigint := 0; samples text[] := ARRAY[]::text[]; failures jsonb := ''[]'';\nBEGIN\n  SET CONSTRAINTS ALL IMMEDIATE;\n  EXECUTE ''SELECT array_agg(ctid), array_agg(tableoid) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid >= $1 AND ctid < $2''\n    INTO rows, owners USING current_setting(''segue.first'')::tid, current_setting(''segue.end'')::tid;\n  todo := ARRAY[1, coalesce(cardinality(rows), 0)];\n  WHILE cardinality(todo) > 0 LOOP\n    a := todo[cardinality(todo) - 1];\n    b := todo[cardinality(todo)];\n    todo := trim_array(todo, 2);\n    CONTINUE WHEN a > b;\n    BEGIN\n      EXECUTE ''UPDATE \"public\".\"orders\" AS \"orders\"\nSET \"currency\" = (\nCASE region WHEN ''''eu'''' THEN ''''EUR'''' ELSE ''''USD'''' END\n)\nWHERE ctid = ANY ($1)\n  AND ctid = ANY (ARRAY(\n  SELECT ctid FROM \"public\".\"orders\" AS \"orders\"\n  WHERE ctid = ANY ($1)\n    AND (\"currency\" IS NULL AND (\nCASE region WHEN ''''eu'''' THEN ''''EUR'''' ELSE ''''USD'''' END\n) IS NOT NULL)\n  FOR NO KEY UPDATE SKIP LOCKED))\n  AND (\"currency\" IS NULL AND (\nCASE region WHEN ''''eu'''' THEN ''''EUR'''' ELSE ''''USD'''' END\n) IS NOT NULL)'' USING rows[a:b], owners[a:b];\n      GET DIAGNOSTICS n = ROW_COUNT;\n      EXECUTE ''SELECT count(*) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid = ANY ($1) AND (\"currency\" IS NULL AND (\nCASE region WHEN ''''eu'''' THEN ''''EUR'''' ELSE ''''USD'''' END\n) IS NOT NULL)'' INTO m USING rows[a:b], owners[a:b];\n      done := done + n;\n      others := others + m;\n    EXCEPTION\n      WHEN transaction_rollback OR insufficient_resources OR operator_intervention OR system_error OR lock_not_available THEN\n        RAISE;\n      WHEN OTHERS OR assert_failure THEN\n        IF a < b THEN\n          todo := todo || ARRAY[a + (b - a) / 2 + 1, b, a, a + (b - a) / 2];\n        ELSE\n          failed := failed + 1;\n          IF failed <= 10 THEN\n            error := left(SQLERRM, 300) || '' (SQLSTATE '' || SQLSTATE || '')'';\n            BEGIN\n              EXECUTE ''SELECT ''''id='''' || left(\"id\"::text, 100) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid = ANY ($1)'' INTO key USING rows[a:a], owners[a:a];\n            EXCEPTION WHEN OTHERS THEN\n              key := NULL;\n            END;\n            failures := failures || jsonb_build_object(''key'', coalesce(key, ''ctid='' || rows[a]), ''error'', error);\n          END IF;\n        END IF;\n    END;\n  END LOOP;\n  PERFORM set_config(''segue.told'', jsonb_build_object(''done'', done, ''others'', others, ''samples'', samples, ''failed'', failed, ''failures'', failures)::text, true);\nEND\n$segue$","fillPart":"UPDATE \"public\".\"orders\" AS \"orders\"\nSET \"currency\" = (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n)\nWHERE ctid >= $1 AND ctid < $2\n  AND CASE WHEN ((get_byte(tidsend(ctid), 5) * 159) & 255) < $3 THEN (\"currency\" IS NULL AND (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n) IS NOT NULL) ELSE false END","fillRest":"UPDATE \"public\".\"orders\" AS \"orders\"\nSET \"currency\" = (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n)\nWHERE ctid >= $1 AND ctid < $2\n  AND (\"currency\" IS NULL AND (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n) IS NOT NULL)","fillUnlocked":"UPDATE \"public\".\"orders\" AS \"orders\"\nSET \"currency\" = (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n)\nWHERE ctid = ANY (ARRAY(\n  SELECT ctid FROM \"public\".\"orders\" AS \"orders\"\n  WHERE ctid >= $1 AND ctid < $2\n    AND (\"currency\" IS NULL AND (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n) IS NOT NULL)\n  FOR NO KEY UPDATE SKIP LOCKED))\n  AND (\"currency\" IS NULL AND (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n) IS NOT NULL)","passes":[33,64,94,122,148,173,197,219,239,256],"relation":"\"public\".\"orders\"","workers":2}],"title":"fill currency of orders in small batches","undo":[]},{"applied":"SELECT EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ''segue'' AND p.proname = ''sync_33322a2b'')\n   AND EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = to_regclass(''\"public\".\"orders\"'') AND tgname = ''segue_33322a2b_insert'' AND tgenabled = ''A'' AND NOT EXISTS (\n  SELECT FROM pg_catalog.pg_partition_tree(to_regclass(''\"public\".\"orders\"'')) tree JOIN pg_catalog.pg_trigger part ON part.tgrelid = tree.relid WHERE part.tgname = ''segue_33322a2b_insert'' AND part.tgenabled <> ''A''))\n   AND EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = to_regclass(''\"public\".\"orders\"'') AND tgname = ''segue_33322a2b_update'' AND tgenabled = ''A'' AND NOT EXISTS (\n  SELECT FROM pg_catalog.pg_partition_tree(to_regclass(''\"public\".\"orders\"'')) tree JOIN pg_catalog.pg_trigger part ON part.tgrelid = tree.relid WHERE part.tgname = ''segue_33322a2b_update'' AND part.tgenabled <> ''A''))","estimate":{"basis":"catalog only, whatever the size","bytes":8192,"rows":60,"seconds":0.01},"id":"backfill/sync-updates/public.orders","impact":{"blocks":"writes","cost":"metadata","locks":[{"blocks":"writes","mode":"SHARE ROW EXCLUSIVE","relation":"\"public\".\"orders\""}],"reversible":true},"isWatched":false,"kind":"ddl","locks":["LOCK TABLE \"public\".\"orders\" IN SHARE ROW EXCLUSIVE MODE"],"patientLocks":["LOCK TABLE \"public\".\"orders\" IN SHARE UPDATE EXCLUSIVE MODE"],"statements":["CREATE TRIGGER \"segue_33322a2b_update\" BEFORE UPDATE ON \"public\".\"orders\" FOR EACH ROW\nWHEN ((NEW.\"currency\" IS NULL))\nEXECUTE FUNCTION segue.\"sync_33322a2b\"()","ALTER TABLE \"public\".\"orders\" ENABLE ALWAYS TRIGGER \"segue_33322a2b_update\""],"title":"keep currency in step with old code''s updates","undo":[]},{"estimate":{"basis":"400 MB/s","bytes":8192,"rows":60,"seconds":0},"id":"backfill/sweep/public.orders","impact":{"blocks":"nothing","cost":"batches","locks":[{"blocks":"nothing","mode":"ROW EXCLUSIVE","relation":"\"public\".\"orders\""}],"reversible":true},"isSweep":true,"kind":"backfill","targets":[{"countLeft":"SELECT count(*) FROM \"public\".\"orders\" AS \"orders\"\nWHERE ctid >= $1 AND ctid < $2\n  AND (\"currency\" IS NULL AND (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n) IS NOT NULL)","fillEach":"DO $segue$\nDECLARE\n  rows tid[]; owners oid[]; todo int[]; a int; b int; n bigint; m bigint; keys text[]; key text; error text;\n  done bigint := 0; others bigint := 0; failed bigint := 0; samples text[] := ARRAY[]::text[]; failures jsonb := ''[]'';\nBEGIN\n  SET CONSTRAINTS ALL IMMEDIATE;\n  EXECUTE ''SELECT array_agg(ctid), array_agg(tableoid) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid >= $1 AND ctid < $2''\n    INTO rows, owners USING current_setting(''segue.first'')::tid, current_setting(''segue.end'')::tid;\n  todo := ARRAY[1, coalesce(cardinality(rows), 0)];\n  WHILE cardinality(todo) > 0 LOOP\n    a := todo[cardinality(todo) - 1];\n    b := todo[cardinality(todo)];\n    todo := trim_array(todo, 2);\n    CONTINUE WHEN a > b;\n    BEGIN\n      EXECUTE ''UPDATE \"public\".\"orders\" AS \"orders\"\nSET \"currency\" = (\nCASE region WHEN ''''eu'''' THEN ''''EUR'''' ELSE ''''USD'''' END\n)\nWHERE ctid = ANY ($1)\n  AND ctid = ANY (ARRAY(\n  SELECT ctid FROM \"public\".\"orders\" AS \"orders\"\n  WHERE ctid = ANY ($1)\n    AND (\"currency\" IS NULL AND (\nCASE region WHEN ''''eu'''' THEN ''''EUR'''' ELSE ''''USD'''' END\n) IS NOT NULL)\n  FOR NO KEY UPDATE SKIP LOCKED))\n  AND (\"currency\" IS NULL AND (\nCASE region WHEN ''''eu'''' THEN ''''EUR'''' ELSE ''''USD'''' END\n) IS NOT NULL)'' USING rows[a:b], owners[a:b];\n      GET DIAGNOSTICS n = ROW_COUNT;\n      EXECUTE ''SELECT count(*) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid = ANY ($1) AND (\"currency\" IS NULL AND (\nCASE region WHEN ''''eu'''' THEN ''''EUR'''' ELSE ''''USD'''' END\n) IS NOT NULL)'' INTO m USING rows[a:b], owners[a:b];\n      done := done + n;\n      others := others + m;\n    EXCEPTION\n      WHEN transaction_rollback OR insufficient_resources OR operator_intervention OR system_error OR lock_not_available THEN\n        RAISE;\n      WHEN OTHERS OR assert_failure THEN\n        IF a < b THEN\n          todo := todo || ARRAY[a + (b - a) / 2 + 1, b, a, a + (b - a) / 2];\n        ELSE\n          failed := failed + 1;\n          IF failed <= 10 THEN\n            error := left(SQLERRM, 300) || '' (SQLSTATE '' || SQLSTATE || '')'';\n            BEGIN\n              EXECUTE ''SELECT ''''id='''' || left(\"id\"::text, 100) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid = ANY ($1)'' INTO key USING rows[a:a], owners[a:a];\n            EXCEPTION WHEN OTHERS THEN\n              key := NULL;\n            END;\n            failures := failures || jsonb_build_object(''key'', coalesce(key, ''ctid='' || rows[a]), ''error'', error);\n          END IF;\n        END IF;\n    END;\n  END LOOP;\n  PERFORM set_config(''segue.told'', jsonb_build_object(''done'', done, ''others'', others, ''samples'', samples, ''failed'', failed, ''failures'', failures)::text, true);\nEND\n$segue$","fillPart":"UPDATE \"public\".\"orders\" AS \"orders\"\nSET \"currency\" = (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n)\nWHERE ctid >= $1 AND ctid < $2\n  AND CASE WHEN ((get_byte(tidsend(ctid), 5) * 159) & 255) < $3 THEN (\"currency\" IS NULL AND (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n) IS NOT NULL) ELSE false END","fillRest":"UPDATE \"public\".\"orders\" AS \"orders\"\nSET \"currency\" = (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n)\nWHERE ctid >= $1 AND ctid < $2\n  AND (\"currency\" IS NULL AND (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n) IS NOT NULL)","fillUnlocked":"UPDATE \"public\".\"orders\" AS \"orders\"\nSET \"currency\" = (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n)\nWHERE ctid = ANY (ARRAY(\n  SELECT ctid FROM \"public\".\"orders\" AS \"orders\"\n  WHERE ctid >= $1 AND ctid < $2\n    AND (\"currency\" IS NULL AND (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n) IS NOT NULL)\n  FOR NO KEY UPDATE SKIP LOCKED))\n  AND (\"currency\" IS NULL AND (\nCASE region WHEN ''eu'' THEN ''EUR'' ELSE ''USD'' END\n) IS NOT NULL)","passes":[256],"relation":"\"public\".\"orders\"","workers":2}],"title":"look at every row of orders again and fill what old code moved meanwhile","undo":[]},{"estimate":{"basis":"a sample of the rows","bytes":8192,"rows":60,"seconds":0},"id":"backfill/analyze/public.orders","impact":{"blocks":"nothing","cost":"scan","locks":[{"blocks":"nothing","mode":"SHARE UPDATE EXCLUSIVE","relation":"\"public\".\"orders\""}],"reversible":true},"kind":"online","statement":"ANALYZE \"public\".\"orders\" (\"currency\")","title":"collect statistics of currency","undo":[]}]},{"name":"verify","steps":[{"checks":[{"callsVolatile":false,"claim":"currency is filled","mismatch":"\"currency\" IS NULL","query":"SELECT count(*)::bigint, count(*) FILTER (WHERE \"currency\" IS NULL)::bigint,\n       ARRAY(SELECT ''id='' || left(\"id\"::text, 100) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid >= $1 AND ctid < $2 AND (\"currency\" IS NULL) LIMIT 10)\nFROM \"public\".\"orders\" AS \"orders\" WHERE ctid >= $1 AND ctid < $2","queryEach":"DO $segue$\nDECLARE\n  rows tid[]; owners oid[]; todo int[]; a int; b int; n bigint; m bigint; keys text[]; key text; error text;\n  done bigint := 0; others bigint := 0; failed bigint := 0; samples text[] := ARRAY[]::text[]; failures jsonb := ''[]'';\nBEGIN\n  \n  EXECUTE ''SELECT array_agg(ctid), array_agg(tableoid) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid >= $1 AND ctid < $2''\n    INTO rows, owners USING current_setting(''segue.first'')::tid, current_setting(''segue.end'')::tid;\n  todo := ARRAY[1, coalesce(cardinality(rows), 0)];\n  WHILE cardinality(todo) > 0 LOOP\n    a := todo[cardinality(todo) - 1];\n    b := todo[cardinality(todo)];\n    todo := trim_array(todo, 2);\n    CONTINUE WHEN a > b;\n    BEGIN\n      EXECUTE ''SELECT count(*), count(*) FILTER (WHERE \"currency\" IS NULL), ARRAY(SELECT ''''id='''' || left(\"id\"::text, 100) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid = ANY ($1) AND (\"currency\" IS NULL) LIMIT 10) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid = ANY ($1)''\n        INTO n, m, keys USING rows[a:b], owners[a:b];\n      samples := (samples || keys)[1:10];\n      done := done + n;\n      others := others + m;\n    EXCEPTION\n      WHEN transaction_rollback OR insufficient_resources OR operator_intervention OR system_error OR lock_not_available THEN\n        RAISE;\n      WHEN OTHERS OR assert_failure THEN\n        IF a < b THEN\n          todo := todo || ARRAY[a + (b - a) / 2 + 1, b, a, a + (b - a) / 2];\n        ELSE\n          failed := failed + 1;\n          IF failed <= 10 THEN\n            error := left(SQLERRM, 300) || '' (SQLSTATE '' || SQLSTATE || '')'';\n            BEGIN\n              EXECUTE ''SELECT ''''id='''' || left(\"id\"::text, 100) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid = ANY ($1)'' INTO key USING rows[a:a], owners[a:a];\n            EXCEPTION WHEN OTHERS THEN\n              key := NULL;\n            END;\n            failures := failures || jsonb_build_object(''key'', coalesce(key, ''ctid='' || rows[a]), ''error'', error);\n          END IF;\n        END IF;\n    END;\n  END LOOP;\n  PERFORM set_config(''segue.told'', jsonb_build_object(''done'', done, ''others'', others, ''samples'', samples, ''failed'', failed, ''failures'', failures)::text, true);\nEND\n$segue$","relation":"\"public\".\"orders\"","remedy":"The backfill expression gives NULL for these rows. Correct that, then `segue apply` again; or roll back and give an expression that covers them.","repairedBy":"backfill/sweep/public.orders","wholeTable":false},{"callsVolatile":false,"claim":"currency satisfies its CHECK","mismatch":"(\ncurrency ~ ''^[A-Z]{3}$''\n) IS FALSE","query":"SELECT count(*)::bigint, count(*) FILTER (WHERE (\ncurrency ~ ''^[A-Z]{3}$''\n) IS FALSE)::bigint,\n       ARRAY(SELECT ''id='' || left(\"id\"::text, 100) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid >= $1 AND ctid < $2 AND ((\ncurrency ~ ''^[A-Z]{3}$''\n) IS FALSE) LIMIT 10)\nFROM \"public\".\"orders\" AS \"orders\" WHERE ctid >= $1 AND ctid < $2","queryEach":"DO $segue$\nDECLARE\n  rows tid[]; owners oid[]; todo int[]; a int; b int; n bigint; m bigint; keys text[]; key text; error text;\n  done bigint := 0; others bigint := 0; failed bigint := 0; samples text[] := ARRAY[]::text[]; failures jsonb := ''[]'';\nBEGIN\n  \n  EXECUTE ''SELECT array_agg(ctid), array_agg(tableoid) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid >= $1 AND ctid < $2''\n    INTO rows, owners USING current_setting(''segue.first'')::tid, current_setting(''segue.end'')::tid;\n  todo := ARRAY[1, coalesce(cardinality(rows), 0)];\n  WHILE cardinality(todo) > 0 LOOP\n    a := todo[cardinality(todo) - 1];\n    b := todo[cardinality(todo)];\n    todo := trim_array(todo, 2);\n    CONTINUE WHEN a > b;\n    BEGIN\n      EXECUTE ''SELECT count(*), count(*) FILTER (WHERE (\ncurrency ~ ''''^[A-Z]{3}$''''\n) IS FALSE), ARRAY(SELECT ''''id='''' || left(\"id\"::text, 100) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid = ANY ($1) AND ((\ncurrency ~ ''''^[A-Z]{3}$''''\n) IS FALSE) LIMIT 10) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid = ANY ($1)''\n        INTO n, m, keys USING rows[a:b], owners[a:b];\n      samples := (samples || keys)[1:10];\n      done := done + n;\n      others := others + m;\n    EXCEPTION\n      WHEN transaction_rollback OR insufficient_resources OR operator_intervention OR system_error OR lock_not_available THEN\n        RAISE;\n      WHEN OTHERS OR assert_failure THEN\n        IF a < b THEN\n          todo := todo || ARRAY[a + (b - a) / 2 + 1, b, a, a + (b - a) / 2];\n        ELSE\n          failed := failed + 1;\n          IF failed <= 10 THEN\n            error := left(SQLERRM, 300) || '' (SQLSTATE '' || SQLSTATE || '')'';\n            BEGIN\n              EXECUTE ''SELECT ''''id='''' || left(\"id\"::text, 100) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid = ANY ($1)'' INTO key USING rows[a:a], owners[a:a];\n            EXCEPTION WHEN OTHERS THEN\n              key := NULL;\n            END;\n            failures := failures || jsonb_build_object(''key'', coalesce(key, ''ctid='' || rows[a]), ''error'', error);\n          END IF;\n        END IF;\n    END;\n  END LOOP;\n  PERFORM set_config(''segue.told'', jsonb_build_object(''done'', done, ''others'', others, ''samples'', samples, ''failed'', failed, ''failures'', failures)::text, true);\nEND\n$segue$","relation":"\"public\".\"orders\"","remedy":"Adding the CHECK would reject these rows. Correct them, then `segue apply` again; or roll back.","wholeTable":false},{"callsVolatile":false,"claim":"currency has its parent row in currencies","mismatch":"(\"currency\" IS NOT NULL AND NOT EXISTS (SELECT FROM \"public\".\"currencies\" AS segue_parent WHERE segue_parent.\"code\" = \"orders\".\"currency\"::bpchar COLLATE \"pg_catalog\".\"default\"))","query":"SELECT count(*)::bigint, count(*) FILTER (WHERE (\"currency\" IS NOT NULL AND NOT EXISTS (SELECT FROM \"public\".\"currencies\" AS segue_parent WHERE segue_parent.\"code\" = \"orders\".\"currency\"::bpchar COLLATE \"pg_catalog\".\"default\")))::bigint,\n       ARRAY(SELECT ''id='' || left(\"id\"::text, 100) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid >= $1 AND ctid < $2 AND ((\"currency\" IS NOT NULL AND NOT EXISTS (SELECT FROM \"public\".\"currencies\" AS segue_parent WHERE segue_parent.\"code\" = \"orders\".\"currency\"::bpchar COLLATE \"pg_catalog\".\"default\"))) LIMIT 10)\nFROM \"public\".\"orders\" AS \"orders\" WHERE ctid >= $1 AND ctid < $2","queryEach":"DO $segue$\nDECLARE\n  rows tid[]; owners oid[]; todo int[]; a int; b int; n bigint; m bigint; keys text[]; key text; error text;\n  done bigint := 0; others bigint := 0; failed bigint := 0; samples text[] := ARRAY[]::text[]; failures jsonb := ''[]'';\nBEGIN\n  \n  EXECUTE ''SELECT array_agg(ctid), array_agg(tableoid) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid >= $1 AND ctid < $2''\n    INTO rows, owners USING current_setting(''segue.first'')::tid, current_setting(''segue.end'')::tid;\n  todo := ARRAY[1, coalesce(cardinality(rows), 0)];\n  WHILE cardinality(todo) > 0 LOOP\n    a := todo[cardinality(todo) - 1];\n    b := todo[cardinality(todo)];\n    todo := trim_array(todo, 2);\n    CONTINUE WHEN a > b;\n    BEGIN\n      EXECUTE ''SELECT count(*), count(*) FILTER (WHERE (\"currency\" IS NOT NULL AND NOT EXISTS (SELECT FROM \"public\".\"currencies\" AS segue_parent WHERE segue_parent.\"code\" = \"orders\".\"currency\"::bpchar COLLATE \"pg_catalog\".\"default\"))), ARRAY(SELECT ''''id='''' || left(\"id\"::text, 100) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid = ANY ($1) AND ((\"currency\" IS NOT NULL AND NOT EXISTS (SELECT FROM \"public\".\"currencies\" AS segue_parent WHERE segue_parent.\"code\" = \"orders\".\"currency\"::bpchar COLLATE \"pg_catalog\".\"default\"))) LIMIT 10) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid = ANY ($1)''\n        INTO n, m, keys USING rows[a:b], owners[a:b];\n      samples := (samples || keys)[1:10];\n      done := done + n;\n      others := others + m;\n    EXCEPTION\n      WHEN transaction_rollback OR insufficient_resources OR operator_intervention OR system_error OR lock_not_available THEN\n        RAISE;\n      WHEN OTHERS OR assert_failure THEN\n        IF a < b THEN\n          todo := todo || ARRAY[a + (b - a) / 2 + 1, b, a, a + (b - a) / 2];\n        ELSE\n          failed := failed + 1;\n          IF failed <= 10 THEN\n            error := left(SQLERRM, 300) || '' (SQLSTATE '' || SQLSTATE || '')'';\n            BEGIN\n              EXECUTE ''SELECT ''''id='''' || left(\"id\"::text, 100) FROM \"public\".\"orders\" AS \"orders\" WHERE ctid = ANY ($1)'' INTO key USING rows[a:a], owners[a:a];\n            EXCEPTION WHEN OTHERS THEN\n              key := NULL;\n            END;\n            failures := failures || jsonb_build_object(''key'', coalesce(key, ''ctid='' || rows[a]), ''error'', error);\n          END IF;\n        END IF;\n    END;\n  END LOOP;\n  PERFORM set_config(''segue.told'', jsonb_build_object(''done'', done, ''others'', others, ''samples'', samples, ''failed'', failed, ''failures'', failures)::text, true);\nEND\n$segue$","relation":"\"public\".\"orders\"","remedy":"The foreign key would reject these rows. Add what is missing to currencies, or correct the rows, then `segue apply` again.","wholeTable":false}],"counts":"SELECT count(*)::bigint, ARRAY[count(*) FILTER (WHERE \"currency\" IS NULL), count(*) FILTER (WHERE (\ncurrency ~ ''^[A-Z]{3}$''\n) IS FALSE), count(*) FILTER (WHERE (\"currency\" IS NOT NULL AND NOT EXISTS (SELECT FROM \"public\".\"currencies\" AS segue_parent WHERE segue_parent.\"code\" = \"orders\".\"currency\"::bpchar COLLATE \"pg_catalog\".\"default\")))]::bigint[]\nFROM \"public\".\"orders\" AS \"orders\" WHERE ctid >= $1 AND ctid < $2","estimate":{"basis":"400 MB/s","bytes":8192,"rows":60,"seconds":0},"id":"verify/rows/public.orders","impact":{"blocks":"nothing","cost":"scan","locks":[{"blocks":"nothing","mode":"ACCESS SHARE","relation":"\"public\".\"orders\""},{"blocks":"nothing","mode":"ACCESS SHARE","relation":"\"public\".\"currencies\""}],"reversible":true},"isMoving":false,"kind":"verify","mayStay":false,"title":"compare every row and check for constraint violations","undo":[]}]},{"name":"enforce","steps":[{"applied":"SELECT ((EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass(''\"public\".\"orders\"'') AND attname = ''currency'' AND NOT attisdropped AND attnotnull)) OR (EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = to_regclass(''\"public\".\"orders\"'') AND k.conname = ''segue_nn_66663687'' AND k.contype = ''c'' AND k.conkey = ARRAY(SELECT a.attnum FROM unnest(ARRAY[''currency'']) WITH ORDINALITY AS named(name, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attname = named.name AND NOT a.attisdropped ORDER BY named.position))))","estimate":{"basis":"catalog only, whatever the size","bytes":8192,"rows":60,"seconds":0.01},"id":"enforce/currency/not-null-add/public.orders","impact":{"blocks":"reads_and_writes","cost":"metadata","locks":[{"blocks":"reads_and_writes","mode":"ACCESS EXCLUSIVE","relation":"\"public\".\"orders\""}],"reversible":true},"isWatched":false,"kind":"ddl","locks":["LOCK TABLE \"public\".\"orders\" IN ACCESS EXCLUSIVE MODE"],"patientLocks":["LOCK TABLE \"public\".\"orders\" IN SHARE UPDATE EXCLUSIVE MODE"],"statements":["ALTER TABLE \"public\".\"orders\" ADD CONSTRAINT \"segue_nn_66663687\" CHECK (\"currency\" IS NOT NULL) NOT VALID"],"title":"add a CHECK that currency is not NULL, not yet proven","undo":[]},{"applied":"SELECT ((EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass(''\"public\".\"orders\"'') AND attname = ''currency'' AND NOT attisdropped AND attnotnull)) OR (EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = to_regclass(''\"public\".\"orders\"'') AND k.conname = ''segue_nn_66663687'' AND k.contype = ''c'' AND k.conkey = ARRAY(SELECT a.attnum FROM unnest(ARRAY[''currency'']) WITH ORDINALITY AS named(name, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attname = named.name AND NOT a.attisdropped ORDER BY named.position) AND k.convalidated)))","estimate":{"basis":"400 MB/s","bytes":8192,"rows":60,"seconds":0},"id":"enforce/currency/not-null-validate/public.orders","impact":{"blocks":"nothing","cost":"scan","locks":[{"blocks":"nothing","mode":"SHARE UPDATE EXCLUSIVE","relation":"\"public\".\"orders\""}],"reversible":true},"kind":"online","statement":"ALTER TABLE \"public\".\"orders\" VALIDATE CONSTRAINT \"segue_nn_66663687\"","title":"prove that currency is not NULL","undo":[]},{"applied":"SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass(''\"public\".\"orders\"'') AND attname = ''currency'' AND NOT attisdropped AND attnotnull)\n   AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = to_regclass(''\"public\".\"orders\"'') AND k.conname = ''segue_nn_66663687'' AND k.contype = ''c'' AND k.conkey = ARRAY(SELECT a.attnum FROM unnest(ARRAY[''currency'']) WITH ORDINALITY AS named(name, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attname = named.name AND NOT a.attisdropped ORDER BY named.position))","estimate":{"basis":"catalog only, whatever the size","bytes":8192,"rows":60,"seconds":0.01},"id":"enforce/currency/not-null-set/public.orders","impact":{"blocks":"reads_and_writes","cost":"metadata","locks":[{"blocks":"reads_and_writes","mode":"ACCESS EXCLUSIVE","relation":"\"public\".\"orders\""}],"reversible":true},"isWatched":false,"kind":"ddl","locks":["LOCK TABLE \"public\".\"orders\" IN ACCESS EXCLUSIVE MODE"],"patientLocks":["LOCK TABLE \"public\".\"orders\" IN SHARE UPDATE EXCLUSIVE MODE"],"statements":["ALTER TABLE \"public\".\"orders\" ALTER COLUMN \"currency\" SET NOT NULL","ALTER TABLE \"public\".\"orders\" DROP CONSTRAINT \"segue_nn_66663687\""],"title":"set currency NOT NULL, proved by the CHECK, and drop that","undo":[]},{"applied":"SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = to_regclass(''\"public\".\"orders\"'') AND k.conname = ''orders_currency_check'' AND k.contype = ''c'' AND CASE WHEN concat(set_config(''search_path'', '''', true), set_config(''quote_all_identifiers'', ''off'', true), set_config(''TimeZone'', ''UTC'', true), set_config(''DateStyle'', ''ISO'', true), set_config(''IntervalStyle'', ''postgres'', true), set_config(''extra_float_digits'', ''1'', true), set_config(''bytea_output'', ''hex'', true), set_config(''xmlbinary'', ''base64'', true), set_config(''lc_monetary'', ''C'', true)) IS NOT NULL THEN pg_get_expr(k.conbin, k.conrelid) END = ''(currency ~ ''''^[A-Z]{3}$''''::text)'')","estimate":{"basis":"catalog only, whatever the size","bytes":8192,"rows":60,"seconds":0.01},"id":"enforce/currency/check-add/public.orders","impact":{"blocks":"reads_and_writes","cost":"metadata","locks":[{"blocks":"reads_and_writes","mode":"ACCESS EXCLUSIVE","relation":"\"public\".\"orders\""}],"reversible":true},"isWatched":false,"kind":"ddl","locks":["LOCK TABLE \"public\".\"orders\" IN ACCESS EXCLUSIVE MODE"],"patientLocks":["LOCK TABLE \"public\".\"orders\" IN SHARE UPDATE EXCLUSIVE MODE"],"statements":["ALTER TABLE \"public\".\"orders\" ADD CONSTRAINT \"orders_currency_check\" CHECK (\ncurrency ~ ''^[A-Z]{3}$''\n) NOT VALID"],"title":"add CHECK orders_currency_check, not yet proven","undo":[]},{"applied":"SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = to_regclass(''\"public\".\"orders\"'') AND k.conname = ''orders_currency_check'' AND k.contype = ''c'' AND CASE WHEN concat(set_config(''search_path'', '''', true), set_config(''quote_all_identifiers'', ''off'', true), set_config(''TimeZone'', ''UTC'', true), set_config(''DateStyle'', ''ISO'', true), set_config(''IntervalStyle'', ''postgres'', true), set_config(''extra_float_digits'', ''1'', true), set_config(''bytea_output'', ''hex'', true), set_config(''xmlbinary'', ''base64'', true), set_config(''lc_monetary'', ''C'', true)) IS NOT NULL THEN pg_get_expr(k.conbin, k.conrelid) END = ''(currency ~ ''''^[A-Z]{3}$''''::text)'' AND k.convalidated)","estimate":{"basis":"400 MB/s","bytes":8192,"rows":60,"seconds":0},"id":"enforce/currency/check-validate/public.orders","impact":{"blocks":"nothing","cost":"scan","locks":[{"blocks":"nothing","mode":"SHARE UPDATE EXCLUSIVE","relation":"\"public\".\"orders\""}],"reversible":true},"kind":"online","statement":"ALTER TABLE \"public\".\"orders\" VALIDATE CONSTRAINT \"orders_currency_check\"","title":"prove CHECK orders_currency_check","undo":[]},{"applied":"SELECT EXISTS (SELECT FROM pg_catalog.pg_index i\n        WHERE i.indrelid = to_regclass(''\"public\".\"orders\"'') AND i.indexrelid = to_regclass(''\"public\".\"orders_currency_idx\"'')\n          AND i.indisunique = false AND right(CASE WHEN concat(set_config(''search_path'', '''', true), set_config(''quote_all_identifiers'', ''off'', true), set_config(''TimeZone'', ''UTC'', true), set_config(''DateStyle'', ''ISO'', true), set_config(''IntervalStyle'', ''postgres'', true), set_config(''extra_float_digits'', ''1'', true), set_config(''bytea_output'', ''hex'', true), set_config(''xmlbinary'', ''base64'', true), set_config(''lc_monetary'', ''C'', true)) IS NOT NULL THEN pg_get_indexdef(i.indexrelid) END, length(''USING btree (currency)'')) = ''USING btree (currency)'' AND i.indisvalid)","estimate":{"basis":"700,000 rows/s; longer when old transactions are waited for","bytes":8192,"rows":60,"seconds":0},"id":"enforce/currency/index/public.orders","impact":{"blocks":"nothing","cost":"build","locks":[{"blocks":"nothing","mode":"SHARE UPDATE EXCLUSIVE","relation":"\"public\".\"orders\""}],"reversible":true},"kind":"online","obstacle":{"exists":"SELECT ((to_regclass(''\"public\".\"orders_currency_idx\"'') IS NOT NULL) AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i\n        WHERE i.indrelid = to_regclass(''\"public\".\"orders\"'') AND i.indexrelid = to_regclass(''\"public\".\"orders_currency_idx\"'')\n          AND i.indisunique = false AND right(CASE WHEN concat(set_config(''search_path'', '''', true), set_config(''quote_all_identifiers'', ''off'', true), set_config(''TimeZone'', ''UTC'', true), set_config(''DateStyle'', ''ISO'', true), set_config(''IntervalStyle'', ''postgres'', true), set_config(''extra_float_digits'', ''1'', true), set_config(''bytea_output'', ''hex'', true), set_config(''xmlbinary'', ''base64'', true), set_config(''lc_monetary'', ''C'', true)) IS NOT NULL THEN pg_get_indexdef(i.indexrelid) END, length(''USING btree (currency)'')) = ''USING btree (currency)'' AND true))","what":"\"public\".\"orders_currency_idx\" exists and does not belong to this change: it was made since the change was planned, and is not touched. Rename or drop it"},"progress":"SELECT phase::text, greatest(blocks_done, tuples_done)::bigint AS done, greatest(blocks_total, tuples_total)::bigint AS total, current_locker_pid\nFROM pg_catalog.pg_stat_progress_create_index WHERE relid = to_regclass(''\"public\".\"orders\"'')","residue":{"clear":"DROP INDEX CONCURRENTLY \"public\".\"orders_currency_idx\"","exists":"SELECT EXISTS (SELECT FROM pg_catalog.pg_index i\n        WHERE i.indrelid = to_regclass(''\"public\".\"orders\"'') AND i.indexrelid = to_regclass(''\"public\".\"orders_currency_idx\"'')\n          AND i.indisunique = false AND right(CASE WHEN concat(set_config(''search_path'', '''', true), set_config(''quote_all_identifiers'', ''off'', true), set_config(''TimeZone'', ''UTC'', true), set_config(''DateStyle'', ''ISO'', true), set_config(''IntervalStyle'', ''postgres'', true), set_config(''extra_float_digits'', ''1'', true), set_config(''bytea_output'', ''hex'', true), set_config(''xmlbinary'', ''base64'', true), set_config(''lc_monetary'', ''C'', true)) IS NOT NULL THEN pg_get_indexdef(i.indexrelid) END, length(''USING btree (currency)'')) = ''USING btree (currency)'' AND NOT i.indisvalid)"},"statement":"CREATE INDEX CONCURRENTLY \"orders_currency_idx\" ON \"public\".\"orders\" USING btree (currency)","title":"build index orders_currency_idx concurrently","undo":[]},{"applied":"SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = to_regclass(''\"public\".\"orders\"'') AND k.conname = ''orders_currency_fkey'' AND k.contype = ''f'' AND k.conkey = ARRAY(SELECT a.attnum FROM unnest(ARRAY[''currency'']) WITH ORDINALITY AS named(name, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attname = named.name AND NOT a.attisdropped ORDER BY named.position) AND k.confrelid = to_regclass(''\"public\".\"currencies\"'') AND k.confkey = ARRAY(SELECT a.attnum FROM unnest(ARRAY[''code'']) WITH ORDINALITY AS named(name, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attname = named.name AND NOT a.attisdropped ORDER BY named.position) AND k.confdeltype = ''a'' AND k.confupdtype = ''a'' AND k.confmatchtype = ''s'' AND k.condeferrable = false AND k.condeferred = false)","estimate":{"basis":"catalog only, whatever the size","bytes":8192,"rows":60,"seconds":0.01},"id":"enforce/currency/fk-add/public.orders","impact":{"blocks":"writes","cost":"metadata","locks":[{"blocks":"writes","mode":"SHARE ROW EXCLUSIVE","relation":"\"public\".\"orders\""},{"blocks":"writes","mode":"SHARE ROW EXCLUSIVE","relation":"\"public\".\"currencies\""}],"reversible":true},"isWatched":false,"kind":"ddl","locks":["LOCK TABLE \"public\".\"orders\" IN SHARE ROW EXCLUSIVE MODE","LOCK TABLE \"public\".\"currencies\" IN SHARE ROW EXCLUSIVE MODE"],"patientLocks":["LOCK TABLE \"public\".\"orders\" IN SHARE UPDATE EXCLUSIVE MODE","LOCK TABLE \"public\".\"currencies\" IN SHARE UPDATE EXCLUSIVE MODE"],"statements":["ALTER TABLE \"public\".\"orders\" ADD CONSTRAINT \"orders_currency_fkey\" FOREIGN KEY (\"currency\") REFERENCES \"public\".\"currencies\" (\"code\") NOT VALID"],"title":"add foreign key orders_currency_fkey to currencies, not yet proven","undo":[{"applied":"SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = to_regclass(''\"public\".\"orders\"'') AND k.conname = ''orders_currency_fkey'' AND k.contype = ''f'' AND k.conkey = ARRAY(SELECT a.attnum FROM unnest(ARRAY[''currency'']) WITH ORDINALITY AS named(name, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attname = named.name AND NOT a.attisdropped ORDER BY named.position) AND k.confrelid = to_regclass(''\"public\".\"currencies\"'') AND k.confkey = ARRAY(SELECT a.attnum FROM unnest(ARRAY[''code'']) WITH ORDINALITY AS named(name, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attname = named.name AND NOT a.attisdropped ORDER BY named.position) AND k.confdeltype = ''a'' AND k.confupdtype = ''a'' AND k.confmatchtype = ''s'' AND k.condeferrable = false AND k.condeferred = false)","estimate":{"basis":"catalog only, whatever the size","bytes":8192,"rows":60,"seconds":0.01},"id":"enforce/currency/fk-add/public.orders/undo","impact":{"blocks":"reads_and_writes","cost":"metadata","locks":[{"blocks":"reads_and_writes","mode":"ACCESS EXCLUSIVE","relation":"\"public\".\"orders\""},{"blocks":"reads_and_writes","mode":"ACCESS EXCLUSIVE","relation":"\"public\".\"currencies\""}],"reversible":true},"isWatched":false,"kind":"ddl","locks":["LOCK TABLE \"public\".\"orders\" IN ACCESS EXCLUSIVE MODE","LOCK TABLE \"public\".\"currencies\" IN ACCESS EXCLUSIVE MODE"],"obstacle":{"exists":"SELECT ((EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = to_regclass(''\"public\".\"orders\"'') AND k.conname = ''orders_currency_fkey'') AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = to_regclass(''\"public\".\"orders\"'') AND k.conname = ''orders_currency_fkey'' AND k.contype = ''f'' AND k.conkey = ARRAY(SELECT a.attnum FROM unnest(ARRAY[''currency'']) WITH ORDINALITY AS named(name, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attname = named.name AND NOT a.attisdropped ORDER BY named.position) AND k.confrelid = to_regclass(''\"public\".\"currencies\"'') AND k.confkey = ARRAY(SELECT a.attnum FROM unnest(ARRAY[''code'']) WITH ORDINALITY AS named(name, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attname = named.name AND NOT a.attisdropped ORDER BY named.position) AND k.confdeltype = ''a'' AND k.confupdtype = ''a'' AND k.confmatchtype = ''s'' AND k.condeferrable = false AND k.condeferred = false)) OR (NOT (to_regclass(''\"public\".\"orders\"'') IS NOT NULL) AND EXISTS (SELECT FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace WHERE n.nspname = ''public'' AND k.conname = ''orders_currency_fkey'' AND k.contype = ''f'')))","what":"the foreign key orders_currency_fkey of public.orders is not as it was made here: it, its table or a column was altered or renamed since. Put that back, or drop what is left of it by hand"},"patientLocks":["LOCK TABLE \"public\".\"orders\" IN SHARE UPDATE EXCLUSIVE MODE","LOCK TABLE \"public\".\"currencies\" IN SHARE UPDATE EXCLUSIVE MODE"],"statements":["ALTER TABLE \"public\".\"orders\" DROP CONSTRAINT IF EXISTS \"orders_currency_fkey\""],"title":"drop foreign key orders_currency_fkey","undo":[]}]},{"applied":"SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = to_regclass(''\"public\".\"orders\"'') AND k.conname = ''orders_currency_fkey'' AND k.contype = ''f'' AND k.conkey = ARRAY(SELECT a.attnum FROM unnest(ARRAY[''currency'']) WITH ORDINALITY AS named(name, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attname = named.name AND NOT a.attisdropped ORDER BY named.position) AND k.confrelid = to_regclass(''\"public\".\"currencies\"'') AND k.confkey = ARRAY(SELECT a.attnum FROM unnest(ARRAY[''code'']) WITH ORDINALITY AS named(name, position) JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attname = named.name AND NOT a.attisdropped ORDER BY named.position) AND k.confdeltype = ''a'' AND k.confupdtype = ''a'' AND k.confmatchtype = ''s'' AND k.condeferrable = false AND k.condeferred = false AND k.convalidated)","estimate":{"basis":"400 MB/s","bytes":8192,"rows":60,"seconds":0},"id":"enforce/currency/fk-validate/public.orders","impact":{"blocks":"nothing","cost":"scan","locks":[{"blocks":"nothing","mode":"SHARE UPDATE EXCLUSIVE","relation":"\"public\".\"orders\""},{"blocks":"nothing","mode":"ROW SHARE","relation":"\"public\".\"currencies\""}],"reversible":true},"kind":"online","statement":"ALTER TABLE \"public\".\"orders\" VALIDATE CONSTRAINT \"orders_currency_fkey\"","title":"prove foreign key orders_currency_fkey","undo":[]}]},{"name":"switch","steps":[{"id":"switch/public.orders","impact":{"blocks":"nothing","cost":"wait","locks":[],"reversible":true},"kind":"gate","passedBy":"segue complete 0001_currency","title":"wait until the app uses the new shape","undo":[],"waitsFor":"every running version of the app to write orders.currency itself"}]},{"name":"contract","steps":[{"applied":"SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ''segue'' AND p.proname = ''sync_33322a2b'')\n   AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = to_regclass(''\"public\".\"orders\"'') AND tgname = ''segue_33322a2b_insert'')\n   AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = to_regclass(''\"public\".\"orders\"'') AND tgname = ''segue_33322a2b_update'')","estimate":{"basis":"catalog only, whatever the size","bytes":8192,"rows":60,"seconds":0.01},"id":"contract/public.orders","impact":{"blocks":"reads_and_writes","cost":"metadata","locks":[{"blocks":"reads_and_writes","mode":"ACCESS EXCLUSIVE","relation":"\"public\".\"orders\""}],"reversible":false},"isWatched":false,"kind":"ddl","locks":["LOCK TABLE \"public\".\"orders\" IN ACCESS EXCLUSIVE MODE"],"patientLocks":["LOCK TABLE \"public\".\"orders\" IN SHARE UPDATE EXCLUSIVE MODE"],"statements":["DROP TRIGGER IF EXISTS \"segue_33322a2b_insert\" ON \"public\".\"orders\"","DROP TRIGGER IF EXISTS \"segue_33322a2b_update\" ON \"public\".\"orders\"","DROP FUNCTION IF EXISTS segue.\"sync_33322a2b\"()"],"title":"stop serving old code on orders","undo":[]}]}],"takes":["column public.orders.currency"]}', '2026-11-30 16:53:31.835987+00');

INSERT INTO segue.step VALUES ('0002_old_orders', 'switch/drop-table/public.old_orders', 0, 'switch', 'gate', 'wait until nobody uses old_orders', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0002_old_orders', 'contract/drop-table/public.old_orders', 1, 'contract', 'ddl', 'put table old_orders aside', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'backfill/sync-updates/public.orders', 2, 'backfill', 'ddl', 'keep currency in step with old code''s updates', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'backfill/sweep/public.orders', 3, 'backfill', 'backfill', 'look at every row of orders again and fill what old code moved meanwhile', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'backfill/analyze/public.orders', 4, 'backfill', 'online', 'collect statistics of currency', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'verify/rows/public.orders', 5, 'verify', 'verify', 'compare every row and check for constraint violations', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'enforce/currency/not-null-add/public.orders', 6, 'enforce', 'ddl', 'add a CHECK that currency is not NULL, not yet proven', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'enforce/currency/not-null-validate/public.orders', 7, 'enforce', 'online', 'prove that currency is not NULL', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'enforce/currency/not-null-set/public.orders', 8, 'enforce', 'ddl', 'set currency NOT NULL, proved by the CHECK, and drop that', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'enforce/currency/check-add/public.orders', 9, 'enforce', 'ddl', 'add CHECK orders_currency_check, not yet proven', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'enforce/currency/check-validate/public.orders', 10, 'enforce', 'online', 'prove CHECK orders_currency_check', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'enforce/currency/index/public.orders', 11, 'enforce', 'online', 'build index orders_currency_idx concurrently', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'enforce/currency/fk-add/public.orders', 12, 'enforce', 'ddl', 'add foreign key orders_currency_fkey to currencies, not yet proven', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'enforce/currency/fk-validate/public.orders', 13, 'enforce', 'online', 'prove foreign key orders_currency_fkey', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'switch/public.orders', 14, 'switch', 'gate', 'wait until the app uses the new shape', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'contract/public.orders', 15, 'contract', 'ddl', 'stop serving old code on orders', 'pending', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'expand/public.orders', 0, 'expand', 'ddl', 'add currency to orders and keep it in step with old code', 'done', 1, 44.8552, 50.7051, '2026-11-30 16:53:32.493242+00', '2026-11-30 16:53:32.761202+00', NULL, NULL);
INSERT INTO segue.step VALUES ('0001_currency', 'backfill/public.orders', 1, 'backfill', 'backfill', 'fill currency of orders in small batches', 'running', 1, NULL, NULL, '2026-11-30 16:53:51.325598+00', NULL, NULL, NULL);

ALTER TABLE ONLY public.currencies
    ADD CONSTRAINT currencies_pkey PRIMARY KEY (code);

ALTER TABLE ONLY public.old_orders
    ADD CONSTRAINT old_orders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY segue.backfill
    ADD CONSTRAINT backfill_pkey PRIMARY KEY (change, step, relation);

ALTER TABLE ONLY segue.change
    ADD CONSTRAINT change_pkey PRIMARY KEY (name);

ALTER TABLE ONLY segue.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY segue.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY segue.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY segue.plan
    ADD CONSTRAINT plan_pkey PRIMARY KEY (change, hash);

ALTER TABLE ONLY segue.retained
    ADD CONSTRAINT retained_pkey PRIMARY KEY (change, step);

ALTER TABLE ONLY segue.step
    ADD CONSTRAINT step_pkey PRIMARY KEY (change, id);

CREATE OR REPLACE VIEW segue.progress AS
 SELECT c.name AS change,
    c.status,
    c.stage,
    c.gate,
    (COALESCE(sum(b.rows_done), (0)::numeric))::bigint AS rows_done,
    (COALESCE(sum(b.rows_total), (0)::numeric))::bigint AS rows_total,
    round(((100.0 * sum(b.blocks_done)) / NULLIF(sum(b.blocks_total), (0)::numeric)), 1) AS percent,
    (COALESCE(sum(b.blocks_skipped), (0)::numeric))::bigint AS blocks_skipped,
    c.throttle_reason,
    c.error,
    c.updated_at
   FROM (segue.change c
     LEFT JOIN segue.backfill b ON ((b.change = c.name)))
  GROUP BY c.name;

CREATE TRIGGER segue_33322a2b_insert BEFORE INSERT ON public.orders FOR EACH ROW WHEN ((new.currency IS NULL)) EXECUTE FUNCTION segue.sync_33322a2b();

ALTER TABLE public.orders ENABLE ALWAYS TRIGGER segue_33322a2b_insert;

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON segue.event FOR EACH ROW EXECUTE FUNCTION segue.refuse_edit();

CREATE TRIGGER no_truncate BEFORE TRUNCATE ON segue.event FOR EACH STATEMENT EXECUTE FUNCTION segue.refuse_edit();

ALTER TABLE ONLY segue.backfill
    ADD CONSTRAINT backfill_change_fkey FOREIGN KEY (change) REFERENCES segue.change(name);

ALTER TABLE ONLY segue.plan
    ADD CONSTRAINT plan_change_fkey FOREIGN KEY (change) REFERENCES segue.change(name);

ALTER TABLE ONLY segue.retained
    ADD CONSTRAINT retained_change_fkey FOREIGN KEY (change) REFERENCES segue.change(name);

ALTER TABLE ONLY segue.step
    ADD CONSTRAINT step_change_fkey FOREIGN KEY (change) REFERENCES segue.change(name);

CREATE EVENT TRIGGER segue_refuse_rewrite ON table_rewrite
   EXECUTE FUNCTION segue.refuse_rewrite();
