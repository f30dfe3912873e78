using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Ledger;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns.Drop;

/// <summary>
/// Triggers on a column that new code does not know: they count what old code writes to it, and with <c>down</c> give
/// rows of new code a value.
/// </summary>
internal sealed class DroppedColumnTriggers(DroppedColumn column)
{
    private readonly string _prefix = column.Table.TriggerPrefix(column.Mark);

    private string Name => $"sync_{column.Mark}";

    private string Function => $"segue.{Sql.Name(Name)}";

    private bool Fills => column.Down is not null;

    public bool Any => Fills || Counts;

    /// <summary>They count writes that fail once the column is dropped.</summary>
    public bool Counts => Counting().Any();

    private OwnTriggers Expanded => Own([.. Fills ? [Filling("INSERT")] : NoTriggers, .. Counting()]);

    /// <summary>
    /// Fills on updates as well: a row that is moved while the rows without a value are filled gets it too.
    /// </summary>
    private OwnTriggers FillingAgain => Own([Filling("INSERT"), Filling("UPDATE")]);

    private OwnTriggers All => Own([.. Fills ? [Filling("INSERT"), Filling("UPDATE")] : NoTriggers, .. Counting()]);

    private static (string, string)[] NoTriggers => [];

    public IEnumerable<string> Create(bool changeOwner) =>
        [.. Fills ? CreateFunction(changeOwner) : [], .. Expanded.Create()];

    public IEnumerable<string> FillAgain(bool changeOwner) =>
        [.. CreateFunction(changeOwner), .. FillingAgain.Create()];

    public IEnumerable<string> Drop() => All.Drop();

    /// <summary>Drops the function, if the table was dropped manually.</summary>
    public Step DropOrphans(string id) => Orphans.Drop(column.Table, All, Function, id);

    public string Exist => Expanded.Exist();

    public string FillEverywhere => FillingAgain.Exist();

    public string AreGone => All.AreGone();

    /// <summary>A regular expression of the server: names of the triggers.</summary>
    public string Pattern => $"^~?segue_{column.Mark}_";

    private OwnTriggers Own(IReadOnlyList<(string Name, string Sql)> triggers) =>
        new(column.Table, Fills ? [Name] : [], triggers);

    private (string Name, string Sql) Filling(string @event)
    {
        string name = $"{_prefix}_{@event.ToLowerInvariant()}";
        return (
            name,
            $"""
            CREATE TRIGGER {Sql.Name(name)} BEFORE {@event} ON {column.Table.Sql} FOR EACH ROW
            WHEN ({column.IsNull($"NEW.{column.Sql}")})
            EXECUTE FUNCTION {Function}()
            """
        );
    }

    private IEnumerable<string> CreateFunction(bool changeOwner)
    {
        NewColumn down = column.Down!;
        foreach (string statement in SyncFunction.LoadExtensions(column.Table, down.Fill!))
        {
            yield return statement;
        }

        yield return new SyncFunction(Function, column.Mark, [down], column.Server).Create([
            SyncFunction.Guarded(
                column.IsNull($"NEW.{column.Sql}"),
                SyncFunction.Assignment(column.Table, down),
                down.Fill!.IsFree ? null : column.Server.Settings.GetValueOrDefault(ValueSettings.Abbreviations)
            ),
        ]);
        if (changeOwner)
        {
            yield return $"ALTER FUNCTION {Function}() OWNER TO {Sql.Name(column.Table.Owner)}";
        }
    }

    /// <summary>
    /// A row that the server moves to another partition is inserted there with its old value: on a partitioned table
    /// such inserts are only reported.
    /// </summary>
    private IEnumerable<(string Name, string Sql)> Counting()
    {
        if (column.Column.IsGenerated)
        {
            yield break;
        }

        OldWriteCount count = new(column.Table, column.Change, column.Mark, $"{_prefix}_a_old");
        string timing = Fills ? "BEFORE" : "AFTER";
        if (WritesByInsert is { } condition)
        {
            bool breaks = !column.Table.IsPartitioned;
            yield return count.Trigger(breaks ? "insert" : "insert_null", "INSERT", condition, breaks, timing: timing);
        }

        if (!column.IsWrittenByKey)
        {
            yield return count.Trigger("update_0", $"UPDATE OF {column.Sql}", "true", breaks: true, timing: "AFTER");
        }
    }

    /// <summary>
    /// A condition on a new row: it has another value than new code's rows. Null if nothing shows that.
    /// </summary>
    private string? WritesByInsert =>
        !column.HasDefault ? column.IsNotNull($"NEW.{column.Sql}")
        : column.Constant is { } constant
            ? Conditions.AreDifferent($"NEW.{column.Sql}", $"{Sql.Parenthesised(constant)}::{column.Column.Type}")
        : null;
}
