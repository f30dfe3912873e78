using Segue.Planning;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Planning;

/// <summary>A step names the operations that it comes from, also where several share the steps of a table.</summary>
public sealed class StepOperationsTests
{
    private const string Setup = """
        CREATE TABLE t (id int PRIMARY KEY, old text, wide varchar(10) DEFAULT 'x');
        CREATE TABLE parents (id int PRIMARY KEY);
        CREATE TABLE gone (id int REFERENCES parents);
        CREATE TABLE lost (id int);
        INSERT INTO t SELECT n, 'a', 'b' FROM generate_series(1, 10) n;
        """;

    private const string Columns = """
        operations:
          - add_column: { table: t, name: plain, type: int }
          - add_column: { table: t, name: filled, type: text, nullable: false, backfill: "old", index: true }
          - create_index: { table: parents, columns: [id], name: by_id }
          - add_column: { table: t, name: checked, type: int, backfill: "id", check: "checked > 0" }
          - alter_column: { table: t, name: wide, type: text }
          - alter_column: { table: t, name: old, nullable: false, backfill: "'x'" }
        """;

    [Theory, PostgresVersions(15, 18)]
    public async Task Steps_of_several_columns_name_the_operations_they_come_from(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);

        Plan plan = await db.PlannedAsync(Columns);

        Of(plan, "expand/").ShouldBe([0, 1, 3, 5]);
        Of(plan, "backfill/public").ShouldBe([1, 3, 5]);
        Of(plan, "backfill/analyze/").ShouldBe([1, 3, 5]);
        Of(plan, "verify/columns/").ShouldBe([1, 3, 5]);
        Of(plan, "enforce/filled/index").ShouldBe([1]);
        Of(plan, "enforce/checked/check-add").ShouldBe([3]);
        Of(plan, "enforce/index-").ShouldBe([2]);
        Of(plan, "enforce/old/not-null-validate").ShouldBe([1, 3, 5]);
        Of(plan, "switch").ShouldBe([1, 3, 4, 5]);
        Of(plan, "contract/analyze").ShouldBe([4]);
        plan.Steps().ShouldAllBe(step => step.Undo.All(undo => undo.Operations.SequenceEqual(step.Operations)));
    }

    [Theory, PostgresVersions(18)]
    public async Task Steps_of_several_dropped_tables_name_the_operation_of_their_table(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);

        Plan plan = await db.PlannedAsync(
            "operations: [{ drop_table: { table: gone } }, { drop_table: { table: lost } }]"
        );

        Of(plan, "contract/drop-table/public.gone").ShouldBe([0]);
        Of(plan, "contract/drop-table/public.lost").ShouldBe([1]);
        Of(plan, "switch").ShouldBe([0, 1]);
    }

    private static IReadOnlyList<int> Of(Plan plan, string id) =>
        plan.Steps().FirstOrDefault(step => step.Id.StartsWith(id, StringComparison.Ordinal))?.Operations
        ?? throw new InvalidOperationException(
            $"{id} is none of {string.Join(", ", plan.Steps().Select(step => step.Id))}"
        );
}
