using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// Works on a range of blocks in which some rows raise an error, as one DO block: it tries all rows of the range, then
/// either half of those that fail, until single rows are left. Successful work stays; each failing row is recorded with
/// its key and the server's message. So a few bad rows cost a few tries, and no more subtransactions than that.
/// </summary>
/// <param name="relation">The table, or one of its partitions.</param>
internal sealed class RowByRow(Table table, string relation)
{
    /// <summary>The rows of one try: $1 addresses, $2 the tables they belong to.</summary>
    public string Picked =>
        relation == table.Sql && table.IsPartitioned
            ? "ctid = ANY ($1) AND (tableoid, ctid) IN (SELECT owner, address FROM unnest($2, $1) AS "
                + "segue_picked (owner, address))"
            : "ctid = ANY ($1)";

    private string Of => $"{relation} AS {Sql.Name(table.Name)}";

    /// <param name="statement">Fills the selected rows.</param>
    /// <param name="left">A condition: the row is still to be filled.</param>
    public string Fill(string statement, string left) =>
        Block(
            // A constraint that is checked at the end of the transaction would fail with everything that it did.
            "SET CONSTRAINTS ALL IMMEDIATE;",
            $"""
            EXECUTE {Sql.Literal(statement)} USING rows[a:b], owners[a:b];
                  GET DIAGNOSTICS n = ROW_COUNT;
                  EXECUTE {Sql.Literal($"SELECT count(*) FROM {Of} WHERE {Picked} AND {left}")} INTO m
                      USING rows[a:b], owners[a:b];
            """
        );

    /// <param name="mismatch">A condition on the row.</param>
    /// <param name="mostFailures">Failing rows after which no more are compared. Default: all are.</param>
    public string Compare(string mismatch, int? mostFailures = null) =>
        Block(
            "",
            $"""
            EXECUTE {Sql.Literal(
                $"SELECT count(*), count(*) FILTER (WHERE {mismatch}), "
                    + $"ARRAY(SELECT {RowKeys.Of(table)} FROM {Of} WHERE {Picked} AND ({mismatch}) LIMIT 10) "
                    + $"FROM {Of} WHERE {Picked}"
            )}
                    INTO n, m, keys USING rows[a:b], owners[a:b];
                  samples := (samples || keys)[1:10];
            """,
            mostFailures is { } most ? $"EXIT WHEN failed >= {most};" : ""
        );

    private string Block(string before, string attempt, string stop = "") =>
        Sql.Do(
            $"""
            DECLARE
              rows tid[]; owners oid[]; todo int[]; a int; b int; n bigint; m bigint; keys text[]; key text; error text;
              context text; origin text[];
              done bigint := 0; others bigint := 0; failed bigint := 0; samples text[] := ARRAY[]::text[];
              failures jsonb := '[]';
            BEGIN
              {before}
              EXECUTE {Sql.Literal(
                $"SELECT array_agg(ctid), array_agg(tableoid) FROM {Of} WHERE ctid >= $1 AND ctid < $2"
            )}
                INTO rows, owners USING current_setting('{RangeSettings.First}')::tid,
                    current_setting('{RangeSettings.End}')::tid;
              todo := ARRAY[1, coalesce(cardinality(rows), 0)];
              WHILE cardinality(todo) > 0 LOOP
                {stop}
                a := todo[cardinality(todo) - 1];
                b := todo[cardinality(todo)];
                todo := trim_array(todo, 2);
                CONTINUE WHEN a > b;
                BEGIN
                  {attempt}
                  done := done + n;
                  others := others + m;
                EXCEPTION
                  WHEN transaction_rollback OR insufficient_resources OR operator_intervention OR system_error
                      OR lock_not_available THEN
                    RAISE;
                  WHEN OTHERS OR assert_failure THEN
                    IF a < b THEN
                      todo := todo || ARRAY[a + (b - a) / 2 + 1, b, a, a + (b - a) / 2];
                    ELSE
                      failed := failed + 1;
                      IF failed <= 10 THEN
                        GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
                        origin := regexp_match(context,
                            '(?:^|\n)PL/pgSQL function (?!inline_code_block|segue\.)([^\n]+) line (\d+)');
                        error := {Shown("left(SQLERRM, 300)")} || ' (SQLSTATE ' || SQLSTATE || ')' || coalesce(', in '
                            || coalesce((
                          SELECT 'trigger ' || string_agg(quote_ident(tgname), ', ') || ', ' FROM pg_catalog.pg_trigger
                          WHERE tgrelid = owners[a] AND NOT tgisinternal AND tgfoid = to_regprocedure(origin[1])), '')
                          || 'function ' || origin[1] || ' line ' || origin[2], '');
                        BEGIN
                          EXECUTE {Sql.Literal($"SELECT {RowKeys.Of(table)} FROM {Of} WHERE {Picked}")} INTO key
                              USING rows[a:a], owners[a:a];
                        EXCEPTION WHEN OTHERS THEN
                          key := NULL;
                        END;
                        failures := failures || jsonb_build_object('key', coalesce(key, 'ctid=' || rows[a]), 'error',
                            error);
                      END IF;
                    END IF;
                END;
              END LOOP;
              PERFORM set_config('{RangeSettings.Told}',
                  jsonb_build_object('done', done, 'others', others, 'samples', samples, 'failed', failed, 'failures',
                  failures)::text, true);
            END
            """
        );

    private string Shown(string text) => RowKeys.Shown(text, table);
}
