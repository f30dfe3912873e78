using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns.Rename;

/// <summary>
/// Keep a column and its mirror equal while both are written. The column that a statement gives counts; one that gives
/// both knows the new name, so that one counts. The function only copies a value, so it cannot fail, and the WHEN
/// clauses skip it for rows that are equal already, as those that the backfill writes.
/// </summary>
internal sealed class MirrorTriggers
{
    private readonly Mirror _mirror;
    private readonly string _mark;
    private readonly SourceChanges _changes;
    private readonly NewColumn _new;

    public MirrorTriggers(Mirror mirror, string change, ServerFacts server)
    {
        _mirror = mirror;
        _mark = ObjectNames.Mark(change, $"{mirror.Table.Sql}.{mirror.OldSql}");
        NewColumn column = mirror.Column;
        _new = column with { Fill = column.Fill! with { Sources = [mirror.NewName] } };
        bool isToastable = mirror.Table.ToastableColumns.Contains(mirror.Old.Name);
        Table table = isToastable
            ? mirror.Table with
            {
                ToastableColumns = [.. mirror.Table.ToastableColumns, mirror.NewName],
            }
            : mirror.Table;
        _changes = new SourceChanges(table, [column], server.Major);
        Own = new OwnTriggers(mirror.Table, [$"sync_{_mark}"], [.. All(change)]);
    }

    public OwnTriggers Own { get; }

    public string Function => $"segue.{Sql.Name($"sync_{_mark}")}";

    /// <summary>The function, then the triggers.</summary>
    public IEnumerable<string> Create() => [CreateFunction(), .. Own.Create()];

    private string Prefix => _mirror.Table.TriggerPrefix(_mark);

    private IEnumerable<(string Name, string Sql)> All(string change)
    {
        (string old, string @new) = (_mirror.OldSql, _mirror.NewSql);
        NewColumn column = _mirror.Column;
        OldWriteCount count = new(_mirror.Table, change, _mark, $"{Prefix}_a_old");
        string differ = Conditions.AreDifferent($"NEW.{old}", $"NEW.{@new}");
        if (!_mirror.DefaultVaries)
        {
            // Otherwise the row does not show whether its statement gave the column or left it out.
            yield return count.Trigger("insert", "INSERT", $"{_mirror.IsNotGiven} AND {differ}", breaks: true);
        }

        string ofOld = _changes.NeedColumnList ? $"UPDATE OF {old}" : "UPDATE";
        string cascade = _mirror.IsWrittenByKeys ? "pg_trigger_depth() = 0 AND " : "";
        string oldChanged = $"{_changes.Of(column)} AND {Conditions.AreSame($"OLD.{@new}", $"NEW.{@new}")}";
        yield return count.Trigger("update_0", ofOld, $"{cascade}{oldChanged}", breaks: true);

        // The server fires triggers of one event in the order of their names.
        yield return Gives(@new, "insert", "INSERT", $"{_mirror.IsNotGiven} AND {differ}");
        yield return Gives(old, "insert_back", "INSERT", differ);
        string unfilled = $"{column.IsNull($"NEW.{@new}")} AND {column.IsNotNull($"NEW.{old}")}";
        string isOldCode = Conditions.AreSame($"OLD.{@new}", $"NEW.{@new}");
        string newChanged = $"{_changes.Of(_new)} AND {differ}";
        if (_changes.NeedColumnList)
        {
            yield return Gives(@new, "update", "UPDATE", $"{unfilled} AND {isOldCode}");
            yield return Gives(old, "update_back", $"UPDATE OF {@new}", newChanged);
            yield return Gives(@new, "update_of", $"UPDATE OF {old}", oldChanged);
        }
        else
        {
            yield return Gives(@new, "update", "UPDATE", $"(({unfilled}) OR {_changes.Of(column)}) AND {isOldCode}");
            yield return Gives(old, "update_back", "UPDATE", newChanged);
        }
    }

    /// <summary>A trigger that gives a column the other one's value.</summary>
    private (string Name, string Sql) Gives(string column, string name, string @event, string condition) =>
        (
            $"{Prefix}_{name}",
            $"""
            CREATE TRIGGER {Sql.Name($"{Prefix}_{name}")} BEFORE {@event} ON {_mirror.Table.Sql} FOR EACH ROW
            WHEN ({condition})
            EXECUTE FUNCTION {Function}({(column == _mirror.NewSql ? "'new'" : "'old'")})
            """
        );

    private string CreateFunction() =>
        $"""
            CREATE FUNCTION {Function}() RETURNS trigger LANGUAGE plpgsql
            SET search_path = pg_catalog, pg_temp
            AS $segue_{_mark}$
            BEGIN
              IF TG_ARGV[0] = 'new' THEN
                NEW.{_mirror.NewSql} := NEW.{_mirror.OldSql};
              ELSE
                NEW.{_mirror.OldSql} := NEW.{_mirror.NewSql};
              END IF;
              RETURN NEW;
            END
            $segue_{_mark}$
            """;
}
