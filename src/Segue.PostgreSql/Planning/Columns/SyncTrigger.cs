using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// Keeps new columns filled while old code writes. One function, and triggers whose WHEN clauses skip it for rows that
/// the backfill writes or an app has set. It never makes an app's statement fail: an expression that cannot be
/// evaluated leaves NULL, which verify reports, and the contract stage again.
/// </summary>
internal sealed class SyncTrigger
{
    private readonly Table _table;
    private readonly IReadOnlyList<NewColumn> _columns;
    private readonly ServerFacts _server;
    private readonly string _change;
    private readonly string _mark;
    private readonly string _prefix;

    public SyncTrigger(Table table, IReadOnlyList<NewColumn> columns, string change, ServerFacts server)
    {
        _table = table;
        _columns = columns;
        _server = server;
        _change = change;
        _mark = ObjectNames.Mark(change, table.Sql);
        _prefix = table.TriggerPrefix(_mark);
    }

    public string Function => $"segue.{Sql.Name($"sync_{_mark}")}";

    private string SetFunction => $"segue.{Sql.Name($"sync_{_mark}_set")}";

    /// <summary>Their names in schema <c>segue</c>.</summary>
    private IEnumerable<string> Functions => Derived.Any() ? [$"sync_{_mark}", $"sync_{_mark}_set"] : [$"sync_{_mark}"];

    /// <summary>The columns it keeps filled.</summary>
    public IReadOnlyList<NewColumn> Columns => _columns;

    private IEnumerable<NewColumn> Derived => _columns.Where(column => column.IsDerived);

    /// <summary>
    /// Columns that may lack their value, or have an old one, in rows written while the trigger was disabled or its
    /// expression failed.
    /// </summary>
    public IEnumerable<NewColumn> Unsure =>
        _columns.Where(column =>
            column.IsDerived || (column.Change.Nullable && !column.HasDefault && !column.Fill!.IsVolatile)
        );

    private IEnumerable<NewColumn> FilledOnInsert =>
        _columns.Where(column => !(column.HasDefault && column.Change.Nullable));

    /// <summary>
    /// An initial value needs the update trigger only for the second pass: until then a row that old code updates may
    /// stay unfilled. Without it the fill is cheaper, because the server locks every row in a separate step (with a WAL
    /// record) as soon as a table has any BEFORE UPDATE trigger. A derived value must follow its sources from the
    /// start.
    /// </summary>
    public bool UpdatesLater => !Derived.Any();

    private string UpdateTrigger => $"{_prefix}_update";

    private IEnumerable<(string Name, string Sql)> Triggers()
    {
        // The server fires triggers of one event in the order of their names.
        foreach ((int n, NewColumn column) in Derived.Index())
        {
            string name = $"{_prefix}_a{n}_set";
            yield return (
                name,
                $"""
                CREATE TRIGGER {Sql.Name(name)} BEFORE UPDATE OF {column.Sql} ON {_table.Sql} FOR EACH ROW
                WHEN ({Unchanged(column)} AND {Changes.Of(column)})
                EXECUTE FUNCTION {SetFunction}({Sql.Literal(Setting(column))})
                """
            );
        }

        foreach ((string Name, string Sql) counting in Counting())
        {
            yield return counting;
        }

        if (FilledOnInsert.Any())
        {
            yield return Trigger(
                $"{_prefix}_insert",
                "INSERT",
                string.Join(" OR ", FilledOnInsert.Select(column => column.IsNull($"NEW.{column.Sql}")))
            );
        }

        if (Changes.NeedColumnList)
        {
            // Exactly one of the two fires: a value that a statement set itself is recorded for one call.
            string follows = string.Join(" OR ", Derived.Select(Follows));
            string sources = string.Join(
                ", ",
                Derived.SelectMany(column => column.Fill!.Sources).Distinct().Select(Sql.Name)
            );
            yield return Trigger(
                UpdateTrigger,
                "UPDATE",
                $"({string.Join(" OR ", _columns.Select(Unfilled))}) AND NOT ({follows})"
            );
            yield return Trigger($"{UpdateTrigger}_of", $"UPDATE OF {sources}", follows);
        }
        else
        {
            yield return Trigger(UpdateTrigger, "UPDATE", string.Join(" OR ", _columns.Select(UpdateCondition)));
        }
    }

    /// <summary>
    /// Count what old code writes, before the value is filled: then it can still be told from what new code writes.
    /// </summary>
    private IEnumerable<(string Name, string Sql)> Counting()
    {
        OldWriteCount count = new(_table, _change, _mark, $"{_prefix}_a_old");
        string breaking = AnyIsNull(FilledOnInsert.Where(column => !column.Change.Nullable));
        string harmless = AnyIsNull(FilledOnInsert.Where(column => column.Change.Nullable));
        if (breaking.Length > 0)
        {
            yield return count.Trigger("insert", "INSERT", breaking, breaks: true);
        }

        if (harmless.Length > 0)
        {
            string condition = breaking.Length > 0 ? $"NOT ({breaking}) AND ({harmless})" : harmless;
            yield return count.Trigger("insert_null", "INSERT", condition, breaks: false);
        }

        // A value that depends on no column follows nothing.
        foreach ((int n, NewColumn column) in Derived.Index().Where(each => each.Item.Fill!.Sources.Count > 0))
        {
            string sources = string.Join(", ", column.Fill!.Sources.Select(Sql.Name));
            string @event = Changes.NeedColumnList ? $"UPDATE OF {sources}" : "UPDATE";
            yield return count.Trigger($"update_{n}", @event, Follows(column), breaks: true, unless: $"{_mark}_{n}");
        }
    }

    private static string AnyIsNull(IEnumerable<NewColumn> columns) =>
        string.Join(" OR ", columns.Select(column => column.IsNull($"NEW.{column.Sql}")));

    /// <summary>The statements for the expand transaction, after the columns.</summary>
    public IEnumerable<string> Create(bool changeOwner, bool withUpdates)
    {
        foreach (string statement in _columns.SelectMany(column => SyncFunction.LoadExtensions(_table, column.Fill!)))
        {
            yield return statement;
        }

        yield return CreateFunction();
        if (Derived.Any())
        {
            yield return CreateSetFunction();
        }

        if (changeOwner)
        {
            yield return $"ALTER FUNCTION {Function}() OWNER TO {Sql.Name(_table.Owner)}";
        }

        foreach (string statement in Own(withUpdates).Create())
        {
            yield return statement;
        }
    }

    /// <summary>The update trigger, if it is created later.</summary>
    public IEnumerable<string> CreateUpdates() => Of(trigger => trigger == UpdateTrigger).Create();

    public OwnTriggers All => Own(withUpdates: true);

    /// <summary>A condition: function and triggers exist, and the triggers are enabled.</summary>
    public string Exists(bool withUpdates) => Own(withUpdates).Exist();

    private OwnTriggers Own(bool withUpdates) => Of(trigger => withUpdates || trigger != UpdateTrigger);

    private OwnTriggers Of(Func<string, bool> which) =>
        new(_table, [.. Functions], [.. Triggers().Where(trigger => which(trigger.Name))]);

    private (string Name, string Sql) Trigger(string name, string @event, string condition) =>
        (
            name,
            $"""
            CREATE TRIGGER {Sql.Name(name)} BEFORE {@event} ON {_table.Sql} FOR EACH ROW
            WHEN ({condition})
            EXECUTE FUNCTION {Function}()
            """
        );

    private SourceChanges Changes => new(_table, Derived, _server.Major);

    private string UpdateCondition(NewColumn column) =>
        column.IsDerived ? $"({Unfilled(column)} OR {Follows(column)})" : $"({Unfilled(column)})";

    /// <summary>
    /// A nullable column that an app sets to NULL stays NULL: only a row that never had a value is filled.
    /// </summary>
    private static string Unfilled(NewColumn column) =>
        (column.Change.Nullable ? $"{column.IsNull($"OLD.{column.Sql}")} AND " : "")
        + column.IsNull($"NEW.{column.Sql}");

    private string Follows(NewColumn column) => $"{Changes.Of(column)} AND {Unchanged(column)}";

    private static string Unchanged(NewColumn column) => Conditions.AreSame($"OLD.{column.Sql}", $"NEW.{column.Sql}");

    /// <summary>Is <c>on</c> while a statement sets this derived column itself.</summary>
    private string Setting(NewColumn column) =>
        $"segue.set_{_mark}_{Derived.TakeWhile(other => other != column).Count()}";

    private string CreateFunction() => new SyncFunction(Function, _mark, _columns, _server).Create(ColumnBlocks());

    private IEnumerable<string> ColumnBlocks()
    {
        foreach (NewColumn column in _columns)
        {
            string onInsert = FilledOnInsert.Contains(column) ? column.IsNull($"NEW.{column.Sql}") : "false";
            string otherwise = column.IsDerived
                ? $" AND coalesce(current_setting({Sql.Literal(Setting(column))}, true), '') <> 'on'"
                : "";
            yield return SyncFunction.Guarded(
                $"(TG_OP = 'INSERT' AND {onInsert}) OR (TG_OP = 'UPDATE' AND {UpdateCondition(column)}{otherwise})",
                $"""
                      NEW.{column.Sql} := NULL;
                {SyncFunction.Assignment(_table, column)}
                """,
                column.Fill!.IsFree ? null : _server.Settings.GetValueOrDefault(ValueSettings.Abbreviations)
            );
            if (column.IsDerived)
            {
                string setting = Sql.Literal(Setting(column));
                yield return $"  PERFORM set_config({setting}, '', true) WHERE coalesce(current_setting({setting}, "
                    + "true), '') = 'on';";
            }
        }
    }

    /// <summary>
    /// Records that a statement set a derived column to its old value while it changed a source: then the statement's
    /// value counts.
    /// </summary>
    private string CreateSetFunction() =>
        $"""
            CREATE FUNCTION {SetFunction}() RETURNS trigger LANGUAGE plpgsql
            SET search_path = pg_catalog, pg_temp
            AS $segue$
            BEGIN
              PERFORM set_config(TG_ARGV[0], 'on', true);
              RETURN NEW;
            END
            $segue$
            """;
}
