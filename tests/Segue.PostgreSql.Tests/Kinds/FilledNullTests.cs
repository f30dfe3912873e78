using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// What takes the place of NULLs in a column that is there meets constraints that are there, and what the server itself
/// writes.
/// </summary>
public class FilledNullTests
{
    private const string Setup = """
        CREATE TABLE parents (id int PRIMARY KEY, code text UNIQUE);
        INSERT INTO parents SELECT n, 'c' || n FROM generate_series(1, 100) n;
        CREATE TABLE orders (id int PRIMARY KEY, parent int REFERENCES parents,
            emptied int CONSTRAINT emptying REFERENCES parents ON DELETE SET NULL, sane int CHECK (sane > 0),
            alone int UNIQUE, plain int);
        INSERT INTO orders (id) SELECT n FROM generate_series(1, 200) n;
        """;

    /// <summary>The trigger comes first: from then on statements that leave the column NULL would fail.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_value_that_constraints_forbid_is_refused_at_planning(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        foreach (
            (string column, string value, string what) in (IEnumerable<(string, string, string)>)
                [
                    ("parent", "0", "it violates the foreign key orders_parent_fkey."),
                    ("sane", "0", "violates check constraint \"orders_sane_check\""),
                    ("alone", "1", "duplicate key value violates unique constraint"),
                ]
        )
        {
            Outcomes
                .Words(await db.ApplyAsync(Fill(column, value)))
                .ShouldContain($"the backfill value violates a constraint of orders: ");
            Outcomes.Words(await db.ApplyAsync(Fill(column, value))).ShouldContain(what);
        }

        foreach (
            (int n, (string column, string value)) in (
                (IEnumerable<(string, string)>)[("parent", "id % 100 + 1"), ("sane", "1"), ("alone", "id")]
            ).Index()
        )
        {
            await db.MigrateAsync(Fill(column, value), $"000{n + 2}_test");
        }
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Values_emptied_by_a_foreign_key_are_not_filled_again(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);

        Outcomes
            .Words(await db.ApplyAsync(Fill("emptied", "1")))
            .ShouldContain(
                "the foreign key emptying sets emptied to NULL when its parent row is deleted or its key changes"
            );
        await db.ExecuteAsync("UPDATE orders SET emptied = 1");
        (
            await db.PlannedAsync("operations:\n  - alter_column: { table: orders, name: emptied, nullable: false }")
        ).Hazards.ShouldContain(hazard => hazard.Code == "emptying-key");
        foreach (string action in (string[])["on_delete: set_null", "on_update: cascade"])
        {
            Outcomes
                .Words(
                    await db.ApplyAsync(
                        $"operations:\n  - add_column: {{ table: orders, name: derived, type: int, derive: "
                            + $"plain, references: {{ table: parents, column: id, {action} }} }}"
                    )
                )
                .ShouldContain(
                    "so the trigger would overwrite at once what the foreign key's ON DELETE or ON UPDATE "
                        + "writes into it"
                );
        }
    }

    [Theory, PostgresVersions(18)]
    public async Task An_unproven_NOT_NULL_is_not_treated_as_proven(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup + "ALTER TABLE orders ADD CONSTRAINT unproven NOT NULL plain NOT VALID");

        Outcomes
            .Words(await db.ApplyAsync(Fill("plain", "1")))
            .ShouldContain("plain has the NOT NULL unproven, which was never proven.");
    }

    private static string Fill(string column, string value) =>
        $"operations:\n  - alter_column: {{ table: orders, name: {column}, nullable: false, backfill: \"{value}\" }}";
}
