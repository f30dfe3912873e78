using Npgsql;
using Segue.Availability.Support;
using Segue.Lab.Traffic;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Traffic;

/// <summary>
/// A column's type changes under views, a trigger and a policy that apps use all the time: they go and come again, and
/// nobody sees them missing.
/// </summary>
[Collection(QuietMachine.Name)]
[Trait("machine", "quiet")]
public class RecreatedDependentsTests(ITestOutputHelper output)
{
    private const int Rows = 5000;

    private const string Tables = """
        CREATE TABLE goods (id int PRIMARY KEY, note varchar(30), kind varchar(10), seen int DEFAULT 0);
        INSERT INTO goods SELECT n, 'x', 'k' || n % 7 FROM generate_series(1, 5000) n;
        CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.seen := OLD.seen + 1; RETURN NEW; END';
        CREATE TRIGGER seen BEFORE UPDATE OF note ON goods FOR EACH ROW EXECUTE FUNCTION seen();
        CREATE VIEW shown AS SELECT id, note, kind FROM goods WHERE kind <> 'none';
        CREATE VIEW deeper AS SELECT id, note, kind FROM shown WHERE note IS NOT NULL;
        CREATE FUNCTION put() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN UPDATE goods SET note = NEW.note WHERE id = NEW.id; RETURN NEW; END';
        CREATE TRIGGER put INSTEAD OF UPDATE ON deeper FOR EACH ROW EXECUTE FUNCTION put();
        CREATE FUNCTION counted(wanted int) RETURNS bigint LANGUAGE plpgsql AS '
            DECLARE line shown%ROWTYPE;
            BEGIN
              SELECT * INTO line FROM shown WHERE id = wanted;
              RETURN (SELECT count(line.note) FROM deeper WHERE id = wanted);
            END';
        CREATE TABLE written (id bigint GENERATED ALWAYS AS IDENTITY);
        """;

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task Changing_a_type_disturbs_no_app(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Tables);
        await db.ExecuteAsync("VACUUM ANALYZE goods");

        await using TrafficRun apps = await TrafficRun.StartAsync([
            App(db.ConnectionString, "ad hoc", prepare: false),
            App(db.ConnectionString, "prepared", prepare: true),
            Bystanders.Control(db.ConnectionString),
        ]);
        await Until.TrueAsync(() => apps.Summary("prepared").Requests > 100, "the apps are at work");
        foreach ((int n, string type) in ((string[])["varchar(40)", "varchar(50)", "text"]).Index())
        {
            await db.MigrateAsync(
                $"operations:\n  - alter_column: {{ table: goods, name: note, type: {type} }}\n  - "
                    + $"alter_column: {{ table: goods, name: kind, type: varchar({20 + n}) }}",
                $"000{n + 1}_test"
            );
            long before = apps.Summary("prepared").Requests;
            await Until.TrueAsync(() => apps.Summary("prepared").Requests > before + 100, "the apps work on");
        }

        await apps.StopAsync();
        apps.Errors.ShouldBeEmpty();
        TimeSpan longest = TimeSpan.FromTicks(
            Math.Max(apps.Summary("ad hoc").Max.Ticks, apps.Summary("prepared").Max.Ticks)
        );
        longest.ShouldBeLessThan(Bystanders.LongestStall + apps.Summary(Bystanders.ControlName).Max);
        output.WriteLine($"{apps.Summary().Requests} requests, longest {longest.TotalMilliseconds:0} ms");
        (await db.ScalarAsync<long>("SELECT sum(seen) FROM goods")).ShouldBe(
            await db.ScalarAsync<long>("SELECT count(*) FROM written"),
            "each write was seen by the trigger"
        );
    }

    /// <summary>
    /// Statements that return none of the columns whose type changes: one that does has to be prepared again, and no
    /// tool can help that.
    /// </summary>
    private static TrafficApp App(string connectionString, string name, bool prepare) =>
        new(
            name,
            connectionString,
            [
                new(
                    "read the view",
                    40,
                    (connection, random, cancel) =>
                        RunAsync(
                            connection,
                            "SELECT id, length(note) FROM shown WHERE id = $1 AND kind LIKE 'k%'",
                            cancel,
                            Any(random)
                        )
                ),
                new(
                    "read the view's view",
                    40,
                    (connection, random, cancel) =>
                        RunAsync(connection, "SELECT count(note) FROM deeper WHERE id = $1", cancel, Any(random))
                ),
                new(
                    "call",
                    20,
                    (connection, random, cancel) => RunAsync(connection, "SELECT counted($1)", cancel, Any(random))
                ),
                new(
                    "write the table",
                    20,
                    (connection, random, cancel) => WriteAsync(connection, "goods", random, cancel)
                ),
                new(
                    "write the view",
                    20,
                    (connection, random, cancel) => WriteAsync(connection, "shown", random, cancel)
                ),
                new(
                    "write the view's view",
                    20,
                    (connection, random, cancel) => WriteAsync(connection, "deeper", random, cancel)
                ),
                new(
                    "read, then look again",
                    10,
                    async (connection, random, cancel) =>
                    {
                        int id = Any(random);
                        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
                        await RunAsync(connection, "SELECT id FROM goods WHERE id = $1", cancel, id);
                        await RunAsync(connection, "SELECT pg_sleep(0.02)", cancel);
                        await RunAsync(connection, "SELECT id FROM deeper WHERE id = $1", cancel, id);
                        await transaction.CommitAsync(cancel);
                    }
                ),
            ]
        )
        {
            Prepare = prepare,
        };

    private static int Any(Random random) => 1 + random.Next(Rows);

    private static Task WriteAsync(
        NpgsqlConnection connection,
        string relation,
        Random random,
        CancellationToken cancel
    ) =>
        RunAsync(
            connection,
            $"WITH written AS (INSERT INTO written DEFAULT VALUES RETURNING id) UPDATE {relation} SET note "
                + $"= 'n' || written.id FROM written WHERE {relation}.id = $1",
            cancel,
            Any(random)
        );

    private static async Task RunAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancel,
        int? id = null
    )
    {
        await using NpgsqlCommand command = new(sql, connection);
        if (id is { } value)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync(cancel);
    }
}
