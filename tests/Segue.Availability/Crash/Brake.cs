using Segue.Testing;

namespace Segue.Availability.Crash;

/// <summary>
/// Stops Segue at a write to its ledger, as a slow disk could: a trigger of the test holds the statement until it is
/// let go.
/// Every step begins and ends with such a write, so every step boundary can be named and met exactly.
/// </summary>
internal sealed class Brake(TestDatabase database)
{
    private const string Holding =
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND database = "
        + "(SELECT oid FROM pg_database WHERE datname = current_database()))";

    /// <summary>Fits the brake; the ledger must exist.</summary>
    public Task InstallAsync() =>
        database.ExecuteAsync(
            """
            CREATE SCHEMA brake;
            CREATE TABLE brake.stop (point text);
            CREATE TABLE brake.seen (id bigint GENERATED ALWAYS AS IDENTITY, point text);
            CREATE FUNCTION brake.hold() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
              entry jsonb := to_jsonb(NEW);
              here text := CASE
                  -- It names the process, which is another one each time.
                  WHEN TG_TABLE_NAME = 'event' AND entry ->> 'kind' = 'run' THEN 'run'
                  WHEN TG_TABLE_NAME = 'event' THEN format('%s %s', entry ->> 'kind', entry ->> 'message')
                  ELSE format('%s is %s', entry ->> 'id', entry ->> 'state') END;
            BEGIN
              INSERT INTO brake.seen (point) VALUES (here);
              WHILE EXISTS (SELECT FROM brake.stop WHERE point = here) LOOP
                PERFORM pg_advisory_xact_lock_shared(4711);
                PERFORM pg_sleep(0.002);
              END LOOP;
              RETURN NEW;
            END
            $$;
            CREATE TRIGGER brake BEFORE INSERT ON segue.event FOR EACH ROW EXECUTE FUNCTION brake.hold();
            CREATE TRIGGER brake BEFORE UPDATE ON segue.step FOR EACH ROW
                WHEN (NEW.state <> 'running' AND NEW.kind = 'ddl') EXECUTE FUNCTION brake.hold();
            """
        );

    /// <summary>The points passed so far, each once, in order.</summary>
    public Task<IReadOnlyList<string>> PointsAsync() =>
        database.ColumnAsync("SELECT point FROM brake.seen GROUP BY point ORDER BY min(id)");

    public Task ForgetAsync() => database.ExecuteAsync("DELETE FROM brake.seen");

    /// <summary>No statement of Segue runs.</summary>
    public Task<bool> IsIdleAsync() =>
        database.ScalarAsync<bool>(
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND "
                + "application_name = 'segue' AND state <> 'idle')"
        );

    public Task SetAsync(string point) =>
        database.ExecuteAsync($"INSERT INTO brake.stop VALUES ('{point.Replace("'", "''")}')");

    public Task ReleaseAsync() => database.ExecuteAsync("DELETE FROM brake.stop");

    public Task<bool> IsHoldingAsync() => database.ScalarAsync<bool>(Holding);
}
