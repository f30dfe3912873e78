using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>The statements that work on a table's rows by block ranges.</summary>
internal sealed class RowStatements(Table table, RowWork work)
{
    private const string Range = "ctid >= $1 AND ctid < $2";

    /// <summary>For expressions that name the table: its alias is its own name in every statement.</summary>
    private string Alias => Sql.Name(table.Name);

    public BackfillTarget For(string relation, TableSize size, int fillFactor)
    {
        string of = $"{relation} AS {Alias}";
        RowByRow each = new(table, relation);
        ComputedOnce? once = work.Once is { } fromToast && IsMostlyToast(relation, size) ? fromToast : null;
        string needs = once?.Needs ?? work.Needs;
        Func<string, string, string> statement = once is null ? work.Statement : once.Update;
        return new BackfillTarget
        {
            Relation = relation,
            Passes = IsDoneInOnePass(relation) ? InPlace.OnePass : InPlace.Passes(size, fillFactor),
            Workers = IsDoneByOne ? 1 : 2,
            // In this order: inputs of a row may have to be read from other pages, and each pass would read them for
            // all rows.
            FillPart = statement(of, $"{Range}\n  AND CASE WHEN {InPlace.Share} < $3 THEN {needs} ELSE false END"),
            FillRest = statement(of, $"{Range}\n  AND {needs}"),
            FillUnlocked = work.Statement(of, Unlocked(of, Range)),
            FillEach = each.Fill(work.Statement(of, $"{each.Picked}\n  AND {Unlocked(of, each.Picked)}"), work.IsLeft),
            CountRemaining = $"SELECT count(*) FROM {of}\nWHERE {Range}\n  AND {work.IsLeft}",
        };
    }

    private string Unlocked(string of, string which) =>
        $"""
            ctid = ANY (ARRAY(
              SELECT ctid FROM {of}
              WHERE {which}
                AND {work.Needs}
              {work.RowLock} SKIP LOCKED))
              AND {work.Needs}
            """;

    /// <summary>Every leaf by its own blocks, and partitions that are attached meanwhile.</summary>
    public IReadOnlyList<BackfillTarget> ForAll() =>
        [
            .. table
                .Partitions.Where(partition => partition.Kind == 'r')
                .Select(leaf => For(leaf.Sql, leaf.Size, leaf.FillFactor)),
            .. table.IsPartitioned ? Array.Empty<BackfillTarget>() : [For(table.Sql, table.Size, table.FillFactor)],
        ];

    /// <summary>
    /// Values stored out of line are most of the reads. The rows of a root are in several tables, which the addresses
    /// of its rows do not distinguish.
    /// </summary>
    private bool IsMostlyToast(string relation, TableSize size) =>
        size.Toast > size.Bytes && !(table.IsPartitioned && relation == table.Sql);

    /// <summary>A root is included for partitions attached meanwhile, usually none.</summary>
    private bool IsDoneInOnePass(string relation) => (table.IsPartitioned && relation == table.Sql) || work.InOnePass;

    /// <summary>Writes of triggers may make two sessions wait for each other.</summary>
    private bool IsDoneByOne => work.ByOne || table.Triggers.Any(trigger => trigger.IsRow && work.Fires(trigger));
}

/// <summary>The work of a batch on rows.</summary>
internal sealed record RowWork
{
    /// <summary>The whole statement, from the table with its alias, and a condition on its rows.</summary>
    public required Func<string, string, string> Statement { get; init; }

    /// <summary>A condition: a batch works on the row.</summary>
    public required string Needs { get; init; }

    /// <summary>The statement for tables where computing a value reads much; null if it reads nothing large.</summary>
    public ComputedOnce? Once { get; init; }

    /// <summary>A condition: it is not done.</summary>
    public required string IsLeft { get; init; }

    /// <summary>Which of the table's triggers it fires.</summary>
    public required Func<UserTrigger, bool> Fires { get; init; }

    /// <summary>Most rows are not changed, or are deleted: passes would free no room on their pages.</summary>
    public bool InOnePass { get; init; }

    /// <summary>One session after the other, in the order of the rows.</summary>
    public bool ByOne { get; init; }

    public string RowLock { get; init; } = "FOR NO KEY UPDATE";
}
