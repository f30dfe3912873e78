using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// Keeps new columns filled while old code writes. One function, and triggers whose WHEN clauses keep it from being called for rows the
/// backfill writes or an app has set. It never fails an app's statement: an expression that cannot be evaluated leaves NULL, which verify finds.
/// </summary>
internal sealed class SyncTrigger
{
    private readonly Table _table;
    private readonly IReadOnlyList<NewColumn> _columns;
    private readonly IReadOnlyList<string> _searchPath;
    private readonly string _mark;
    private readonly string _prefix;

    public SyncTrigger(Table table, IReadOnlyList<NewColumn> columns, string change, IReadOnlyList<string> searchPath)
    {
        _table = table;
        _columns = columns;
        _searchPath = searchPath;
        _mark = ObjectNames.Mark(change, table.Sql);
        _prefix = SortsLast($"segue_{_mark}", table) ? $"segue_{_mark}" : $"~segue_{_mark}";
    }

    public string Function => $"segue.{Sql.Name($"sync_{_mark}")}";

    private string SetFunction => $"segue.{Sql.Name($"sync_{_mark}_set")}";

    /// <summary>Their names in schema <c>segue</c>.</summary>
    private IEnumerable<string> Functions => Derived.Any() ? [$"sync_{_mark}", $"sync_{_mark}_set"] : [$"sync_{_mark}"];

    private IEnumerable<NewColumn> Derived => _columns.Where(column => column.IsDerived);

    private IEnumerable<NewColumn> FilledOnInsert => _columns.Where(column => !(column.HasDefault && column.Change.Nullable));

    /// <summary>
    /// An initial value needs the update side only for the last look at the table: until then a row that old code updates may stay unfilled.
    /// Without it the fill itself is cheaper, because the server locks every row in a step (and a WAL record) of its own as soon as a table has any
    /// BEFORE UPDATE trigger. A derived value must follow its sources from the first moment.
    /// </summary>
    public bool UpdatesLater => !Derived.Any();

    private string UpdateTrigger => $"{_prefix}_update";

    private IEnumerable<(string Name, string Sql)> Triggers()
    {
        // The server fires triggers of one event in the order of their names.
        foreach ((int n, NewColumn column) in Derived.Index())
        {
            string name = $"{_prefix}_a{n}_set";
            yield return (name,
                $"""
                CREATE TRIGGER {Sql.Name(name)} BEFORE UPDATE OF {column.Sql} ON {_table.Sql} FOR EACH ROW
                WHEN ({SourcesChanged(column)} AND {Unchanged(column)})
                EXECUTE FUNCTION {SetFunction}({Sql.Literal(Setting(column))})
                """);
        }

        if (FilledOnInsert.Any())
        {
            yield return Trigger($"{_prefix}_insert", "INSERT", string.Join(" OR ", FilledOnInsert.Select(column => column.IsNull($"NEW.{column.Sql}"))));
        }

        yield return Trigger(UpdateTrigger, "UPDATE", string.Join(" OR ", _columns.Select(UpdateCondition)));
    }

    /// <summary>What goes into the expand transaction, after the columns.</summary>
    public IEnumerable<string> Create(bool changeOwner, bool withUpdates)
    {
        yield return CreateFunction();
        if (Derived.Any())
        {
            yield return CreateSetFunction();
        }

        if (changeOwner)
        {
            yield return $"ALTER FUNCTION {Function}() OWNER TO {Sql.Name(_table.Owner)}";
        }

        foreach ((string name, string sql) in Triggers().Where(trigger => withUpdates || trigger.Name != UpdateTrigger))
        {
            foreach (string statement in CreateTrigger(name, sql))
            {
                yield return statement;
            }
        }
    }

    /// <summary>The update side, where it comes later.</summary>
    public IEnumerable<string> CreateUpdates() =>
        Triggers().Where(trigger => trigger.Name == UpdateTrigger).SelectMany(trigger => CreateTrigger(trigger.Name, trigger.Sql));

    public IEnumerable<string> Drop()
    {
        foreach ((string name, _) in Triggers())
        {
            yield return $"DROP TRIGGER IF EXISTS {Sql.Name(name)} ON {_table.Sql}";
        }

        yield return DropFunctions();
    }

    public string DropFunctions() => $"DROP FUNCTION IF EXISTS {string.Join(", ", Functions.Select(function => $"segue.{Sql.Name(function)}()"))}";

    /// <summary>A condition: function and triggers are there, and these fire.</summary>
    public string Exists(bool withUpdates) => Conditions.All([
        .. Functions.Select(Conditions.FunctionExists),
        .. Triggers().Where(trigger => withUpdates || trigger.Name != UpdateTrigger).Select(trigger => Conditions.TriggerFires(_table.Sql, trigger.Name, always: !_table.IsPartitioned)),
    ]);

    /// <summary>A condition: nothing of it is there.</summary>
    public string IsGone() => Conditions.All([FunctionsAreGone(), .. Triggers().Select(trigger => Conditions.Not(Conditions.TriggerExists(_table.Sql, trigger.Name)))]);

    public string FunctionsAreGone() => Conditions.All(Functions.Select(function => Conditions.Not(Conditions.FunctionExists(function))));

    /// <summary>A condition: some table has triggers of it.</summary>
    public string IsUsed() => Conditions.HasTriggers(Functions);

    /// <summary>The user's own BEFORE row triggers must have run when ours looks: is ours the last by name?</summary>
    public static bool SortsLast(string name, Table table) => table.Triggers
        .Where(trigger => trigger is { IsRow: true, IsBefore: true } && (trigger.OnInsert || trigger.OnUpdate))
        .All(trigger => CompareBytes(trigger.Name, name) < 0);

    private static int CompareBytes(string a, string b) =>
        System.Text.Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(b));

    private (string Name, string Sql) Trigger(string name, string @event, string condition) => (name,
        $"""
        CREATE TRIGGER {Sql.Name(name)} BEFORE {@event} ON {_table.Sql} FOR EACH ROW
        WHEN ({condition})
        EXECUTE FUNCTION {Function}()
        """);

    private IEnumerable<string> CreateTrigger(string name, string sql)
    {
        yield return sql;
        if (!_table.IsPartitioned)
        {
            // Also for sessions that replay (session_replication_role = replica): their rows need the value like any other.
            yield return $"ALTER TABLE {_table.Sql} ENABLE ALWAYS TRIGGER {Sql.Name(name)}";
        }
    }

    private static string UpdateCondition(NewColumn column)
    {
        // A nullable column set to NULL by an app stays NULL: only a row that never had a value is filled.
        string unfilled = (column.Change.Nullable ? $"{column.IsNull($"OLD.{column.Sql}")} AND " : "") + column.IsNull($"NEW.{column.Sql}");
        return column.IsDerived ? $"({unfilled} OR {SourcesChanged(column)} AND {Unchanged(column)})" : $"({unfilled})";
    }

    private static string SourcesChanged(NewColumn column) => column.Fill!.Sources.Count == 0
        ? "false"
        : Conditions.AreDifferent(Row("OLD", column.Fill.Sources), Row("NEW", column.Fill.Sources));

    private static string Unchanged(NewColumn column) => Conditions.AreSame($"OLD.{column.Sql}", $"NEW.{column.Sql}");

    private static string Row(string record, IEnumerable<string> columns) => string.Join(", ", columns.Select(column => $"{record}.{Sql.Name(column)}"));

    /// <summary>Is <c>on</c> while a statement sets this derived column itself.</summary>
    private string Setting(NewColumn column) => $"segue.set_{_mark}_{Derived.TakeWhile(other => other != column).Count()}";

    private string CreateFunction()
    {
        string body = $"""
            #variable_conflict use_column
            BEGIN
            {string.Join('\n', ColumnBlocks())}
              RETURN NEW;
            END
            """;
        string quote = $"$segue_{_mark}$";
        while (body.Contains(quote))
        {
            quote = quote.Insert(1, "_");
        }

        return
            $"""
            CREATE FUNCTION {Function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = {Sql.Names([.. _searchPath, "pg_temp"])}{SessionSettings()}
            AS {quote}
            {body}
            {quote}
            """;
    }

    /// <summary>
    /// An expression that depends on the session's settings must see the plan's in every session. Where the column must equal its derivation that means
    /// all of them: the text of a number or of bytes depends on some too, though the server calls its cast immutable.
    /// </summary>
    private string SessionSettings()
    {
        IEnumerable<string> settings =
        [
            .. Derived.Any() ? Printing.ValueSettings
                : _columns.All(column => column.Fill!.IsImmutable || column.Fill.IsVolatile) ? [] : Printing.ValueSettings.Take(3),
        ];
        return string.Concat(settings.Select(setting => $"\nSET {setting} FROM CURRENT"));
    }

    private IEnumerable<string> ColumnBlocks()
    {
        foreach (NewColumn column in _columns)
        {
            string onInsert = FilledOnInsert.Contains(column) ? column.IsNull($"NEW.{column.Sql}") : "false";
            string onUpdate = UpdateCondition(column);
            string otherwise = column.IsDerived ? $" AND coalesce(current_setting({Sql.Literal(Setting(column))}, true), '') <> 'on'" : "";
            yield return
                $"""
                  BEGIN
                    IF (TG_OP = 'INSERT' AND {onInsert}) OR (TG_OP = 'UPDATE' AND {onUpdate}{otherwise}) THEN
                      NEW.{column.Sql} := NULL;
                      NEW.{column.Sql} := (SELECT {Sql.Parenthesised(column.Fill!.Expression)}
                        FROM (SELECT {SourceRow(column)}) AS {Sql.Name(_table.Name)});
                    END IF;
                  EXCEPTION
                    WHEN transaction_rollback OR insufficient_resources OR operator_intervention OR system_error OR lock_not_available THEN
                      RAISE;
                    WHEN OTHERS THEN
                      NULL;
                  END;
                """;
            if (column.IsDerived)
            {
                string setting = Sql.Literal(Setting(column));
                yield return $"  PERFORM set_config({setting}, '', true) WHERE coalesce(current_setting({setting}, true), '') = 'on';";
            }
        }
    }

    private static string SourceRow(NewColumn column) =>
        string.Join(", ", column.Fill!.Sources.Select(source => $"NEW.{Sql.Name(source)} AS {Sql.Name(source)}"));

    /// <summary>Notes that a statement set a derived column, to the value it had, while it changed a source: its word counts.</summary>
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
