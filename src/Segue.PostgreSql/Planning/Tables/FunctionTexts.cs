using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Tables;

/// <summary>Functions that use a table by its name. A function with an SQL body depends on the table itself.</summary>
internal static class FunctionTexts
{
    /// <param name="form">A regular expression of the server that the text also matches; empty for any.</param>
    public static Task<IReadOnlyList<string>> NamingAsync(
        NpgsqlConnection connection,
        Table table,
        CancellationToken cancel,
        string form = ""
    ) =>
        connection.QueryAsync(
            """
            SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
                JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE l.lanname NOT IN ('internal', 'c') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'segue')
                AND p.prosrc ~* $1 AND p.prosrc ~* $2 ORDER BY 1 LIMIT 20
            """,
            row => row.GetString(0),
            cancel,
            Word(table),
            form
        );

    /// <summary>Functions of the table's triggers that read the name of their table.</summary>
    public const string ReadsName = @"\mtg_(table_name|relname|relid)\M";

    /// <summary>
    /// A trigger's arguments, in parentheses. Only the server's own print has them as text, whatever the encoding.
    /// </summary>
    /// <param name="trigger">The alias of <c>pg_trigger</c>.</param>
    public static string Arguments(string trigger) =>
        $"coalesce(substring(pg_get_triggerdef({trigger}.oid) FROM ' EXECUTE FUNCTION [^(]*(.*)$'), '')";

    /// <summary>Functions of the table's triggers.</summary>
    /// <param name="form">A regular expression of the server that their text, or an argument, matches.</param>
    public static Task<IReadOnlyList<string>> OfTriggersAsync(
        NpgsqlConnection connection,
        Table table,
        string form,
        CancellationToken cancel
    ) =>
        connection.QueryAsync(
            $"""
            SELECT DISTINCT p.oid::regprocedure::text FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
            WHERE NOT g.tgisinternal AND (p.prosrc ~* $2 OR {Arguments("g")} ~* $2)
                AND g.tgrelid IN {Sql.Tree("$1::oid")}
                ORDER BY 1 LIMIT 20
            """,
            row => row.GetString(0),
            cancel,
            (long)table.Oid,
            form
        );

    /// <summary>The name as a whole word, as a regular expression of the server.</summary>
    public static string Word(Table table) => Word(table.Name);

    /// <summary>The same for any name.</summary>
    public static string Word(string name) =>
        $"(^|[^[:alnum:]_]){string.Concat(name.Select(Escaped))}($|[^[:alnum:]_])";

    private static string Escaped(char letter) =>
        char.IsLetterOrDigit(letter) || letter is '_' or > '~' ? $"{letter}" : $@"\{letter}";
}
