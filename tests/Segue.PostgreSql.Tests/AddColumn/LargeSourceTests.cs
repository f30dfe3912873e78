using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>A derived column whose source is large: who does not write the source does not read it.</summary>
public class LargeSourceTests
{
    private const string Documents = """
        CREATE TABLE docs (id int PRIMARY KEY, views int NOT NULL DEFAULT 0, doc jsonb NOT NULL, plain text);
        ALTER TABLE docs ALTER doc SET STORAGE EXTERNAL;
        INSERT INTO docs (id, doc) SELECT g, jsonb_build_object('kind', 'k' || g % 5, 'body', repeat('x', 200000))
            FROM generate_series(1, 20) g;
        """;

    private const string Change =
        "table: docs, name: kind, type: text, derive: \"(doc->>'kind') || coalesce(plain, '')\"";

    /// <summary>
    /// 200 kB are 100 chunks: reading one value touches more blocks of the TOAST table than a whole update of the row.
    /// </summary>
    [Theory, PostgresVersions(14, 15, 16, 17, 18)]
    public async Task An_update_of_another_column_reads_nothing_out_of_toast(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Documents);
        (await db.ApplyAsync(Cases.Adds(Change))).ShouldWaitAtGate();

        (await ToastBlocksAsync(db, "UPDATE docs SET views = views + 1")).ShouldBe(0);

        (
            await ToastBlocksAsync(db, "UPDATE docs SET doc = doc || '{\"kind\": \"new\"}' WHERE id = 1")
        ).ShouldBeGreaterThan(10);
        await db.ExecuteAsync(
            "UPDATE docs SET plain = 'p' WHERE id = 2; UPDATE docs SET doc = doc || '{\"kind\": "
                + "\"other\"}', kind = kind WHERE id = 3; UPDATE docs SET views = 0, kind = 'app' WHERE id = 4; "
                + "UPDATE docs SET kind = NULL, plain = 'q' WHERE id = 5"
        );
        (await db.ColumnAsync("SELECT coalesce(kind, 'NULL') FROM docs WHERE id <= 6 ORDER BY id")).ShouldBe([
            "new",
            "k2p",
            "k3",
            "app",
            "NULL",
            "k1",
        ]);
        await db.ExecuteAsync(
            "UPDATE docs SET plain = 'r', kind = NULL WHERE id = 5; UPDATE docs SET views = 7 WHERE id = 5"
        );
        (await db.ColumnAsync("SELECT kind FROM docs WHERE id = 5")).ShouldBe(["k0r"]);
    }

    /// <summary>What a trigger of the user's changes is in no column list.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_source_that_another_trigger_changes_is_followed(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Documents
                + """
                CREATE FUNCTION tidy() RETURNS trigger
                    LANGUAGE plpgsql AS $$ BEGIN IF NEW.views = 5 THEN NEW.doc := NEW.doc || '{"kind": "tidied"}';
                    END IF; RETURN NEW; END $$;
                CREATE TRIGGER tidy BEFORE UPDATE ON docs FOR EACH ROW EXECUTE FUNCTION tidy();
                """
        );
        Plan plan = await db.PlannedAsync(Cases.Adds(Change));
        (await db.ApplyAsync(Cases.Adds(Change))).ShouldWaitAtGate();

        await db.ExecuteAsync("UPDATE docs SET views = 5 WHERE id = 1");

        (await db.ScalarAsync<string>("SELECT kind FROM docs WHERE id = 1")).ShouldBe("tidied");
        plan.Hazards.Any(hazard => hazard.Code == "updates-read-toast").ShouldBe(major < 17);
    }

    private static async Task<long> ToastBlocksAsync(TestDatabase db, string statement)
    {
        await using NpgsqlConnection connection = await db.OpenAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        long before = await ReadAsync();
        await using NpgsqlCommand command = new(statement, connection);
        await command.ExecuteNonQueryAsync();
        long after = await ReadAsync();
        await transaction.CommitAsync();
        return after - before;

        async Task<long> ReadAsync()
        {
            await using NpgsqlCommand blocks = new(
                "SELECT pg_stat_get_xact_blocks_fetched(reltoastrelid) FROM pg_class WHERE relname = 'docs'",
                connection
            );
            return (long)(await blocks.ExecuteScalarAsync())!;
        }
    }
}
