using Segue.Conformance;
using Segue.Engines;
using Segue.Planning;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>Each class is a collection of its own, so that they run side by side.</summary>
public abstract class ConformanceTests : ChangeConformance
{
    /// <summary>The staged road even for small tables, unless a class says otherwise.</summary>
    protected virtual PlanOptions Planning { get; } = new() { SmallTableBytes = 0 };

    protected override async Task<IConformanceDatabase> DatabaseAsync(int version)
    {
        TestDatabase db = await Postgres.DatabaseAsync(version);

        // What is tested is what a change comes to, which a busy machine shall not decide.
        db.Planning = Planning with
        {
            Limits = Limits.Default with { HoldBudgetMs = 10_000 },
        };
        db.Options = db.Options with { DutyCycle = 1 };
        return new PostgresConformanceDatabase(db);
    }
}

[Trait("kind", "add_column")]
public class FillConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.On(Postgres.Majors, FillCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task A_filled_column_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, Cases.Named(change));
}

[Trait("kind", "add_column")]
public class AttributeConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.On(Postgres.Majors, AttributeCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task A_constrained_column_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, Cases.Named(change));
}

public class TypeConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.On(Postgres.Majors, TypeCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task A_column_of_any_type_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, Cases.Named(change));
}

public class NameConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.On(Postgres.Majors, NameCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task Any_name_is_treated_as_data(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, Cases.Named(change));
}

public class TableConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.On(Postgres.Majors, TableCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task A_table_of_any_sort_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, Cases.Named(change));
}

[Trait("kind", "add_column")]
public class PartitionConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.On(Postgres.Majors, PartitionCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task A_partitioned_table_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, Cases.Named(change));
}

/// <summary>
/// A table so small that one short transaction does everything. Its road is the same for every type and name.
/// </summary>
public class SmallTableConformanceTests : ConformanceTests
{
    private static readonly ChangeCase[] All =
    [
        .. FillCases.All,
        .. AttributeCases.All,
        .. TableCases.All,
        .. PartitionCases.All,
        .. Cases.Fifth(TypeCases.All),
        .. Cases.Fifth(NameCases.All),
    ];

    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, All);

    protected override PlanOptions Planning { get; } = new();

    [Theory, MemberData(nameof(Each))]
    public Task A_small_table_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, Cases.Named(change));
}
