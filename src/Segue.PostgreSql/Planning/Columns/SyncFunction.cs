using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// The text of a sync trigger's function: it uses the plan's settings in every session, and no error of it reaches the
/// app's statement.
/// </summary>
internal sealed class SyncFunction(string name, string mark, IReadOnlyList<NewColumn> columns, ServerFacts server)
{
    public string Create(IEnumerable<string> blocks)
    {
        string body = $"""
            #variable_conflict use_column
            DECLARE
              segue_context text;
              segue_abbreviations text;
            BEGIN
            {string.Join('\n', blocks)}
              RETURN NEW;
            END
            """;
        string quote = $"$segue_{mark}$";
        while (body.Contains(quote))
        {
            quote = quote.Insert(1, "_");
        }

        return $"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
            SET search_path = {Sql.Names([.. server.SearchPath, "pg_temp"])}{string.Concat(
                Settings(body).Select(setting => $"\nSET {setting}")
            )}
            AS {quote}
            {body}
            {quote}
            """;
    }

    /// <summary>
    /// Loads libraries of extensions whose settings the function gets: until then only a superuser may set them (15 and
    /// newer).
    /// </summary>
    public static IEnumerable<string> LoadExtensions(Table table, Fill fill) =>
        When(
            fill.ExtensionSettings.Count > 0,
            $"EXPLAIN SELECT {Sql.Parenthesised(fill.Expression)} FROM {table.Sql} AS {Sql.Name(table.Name)}"
        );

    /// <summary>Gives the column the value of its expression over the new row.</summary>
    public static string Assignment(Table table, NewColumn column)
    {
        IEnumerable<string> sources = column.Fill!.Sources.Select(source =>
            $"NEW.{Sql.Name(source)} AS {Sql.Name(source)}"
        );
        return $"""
                  NEW.{column.Sql} := (SELECT {Sql.Parenthesised(column.Fill.Expression)}
                    FROM (SELECT {string.Join(", ", sources)}) AS {Sql.Name(table.Name)});
            """;
    }

    /// <summary>A value that cannot be computed stays NULL. An app's cancel and timeout still work.</summary>
    /// <param name="abbreviations">The plan's time zone abbreviations; null if they do not matter.</param>
    public static string Guarded(string condition, string statements, string? abbreviations) =>
        $"""
              BEGIN
                IF {condition} THEN
            {(abbreviations is null ? statements : WithAbbreviations(statements, abbreviations))}
                END IF;
              EXCEPTION
                WHEN query_canceled THEN
                  -- The server's own cancel goes on to the app; one that code raised by this name is an error like any
                  -- other.
                  GET STACKED DIAGNOSTICS segue_context = PG_EXCEPTION_CONTEXT;
                  IF SQLERRM LIKE 'canceling %' OR split_part(segue_context, chr(10), 1) !~ '[^A-Z]RAISE' THEN
                    RAISE;
                  END IF;
                WHEN assert_failure OR OTHERS THEN
                  NULL;
              END;
            """;

    /// <summary>
    /// The function sets these itself if they differ, and restores them: a rollback of the block restores them as well.
    /// </summary>
    private static string WithAbbreviations(string statements, string abbreviations) =>
        $"""
                  IF current_setting('{ValueSettings.Abbreviations}') <> {Sql.Literal(abbreviations)} THEN
                    segue_abbreviations := current_setting('{ValueSettings.Abbreviations}');
                    PERFORM set_config('{ValueSettings.Abbreviations}', {Sql.Literal(abbreviations)}, true);
                  END IF;
            {statements}
                  IF segue_abbreviations IS NOT NULL THEN
                    PERFORM set_config('{ValueSettings.Abbreviations}', segue_abbreviations, true);
                    segue_abbreviations := NULL;
                  END IF;
            """;

    /// <summary>
    /// Each costs 0.2 to 1.5 us for a row that the trigger fills (measured on 14 and 18): an expression that depends on
    /// no setting sets none.
    /// </summary>
    private IEnumerable<string> Settings(string body)
    {
        // An error must not end the app's session; the fill reads other tables without row security or not at all.
        yield return "exit_on_error = off";
        if (columns.Any(column => !column.Fill!.IsFree))
        {
            yield return "row_security = off";
        }

        IEnumerable<string> settings = columns.All(column => column.Fill!.IsFree)
            ? ValueSettings.Reading.Where(_ => body.Contains('\\'))
            : ValueSettings.Cheap.Concat(
                columns
                    .SelectMany(column => column.Fill!.ExtensionSettings.Keys)
                    .Distinct()
                    .Order(StringComparer.Ordinal)
            );
        foreach (string setting in settings)
        {
            yield return $"{string.Join('.', setting.Split('.').Select(Sql.Name))} FROM CURRENT";
        }
    }
}
