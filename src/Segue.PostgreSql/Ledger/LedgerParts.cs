using System.Text.RegularExpressions;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>
/// The objects of a ledger with the statements that create them; the same statements recreate missing ones.
/// </summary>
internal static partial class LedgerParts
{
    /// <summary>Names of existing objects, like <c>table segue.change</c>; empty if there is no ledger.</summary>
    public const string PresentQuery = """
        SELECT CASE relkind WHEN 'v' THEN 'view' ELSE 'table' END || ' segue.' || relname
        FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE nspname = 'segue' AND relkind IN ('r', 'v')
        UNION ALL SELECT 'function segue.' || proname
        FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'segue'
        UNION ALL SELECT 'trigger ' || tgname
        FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = relnamespace
        WHERE nspname = 'segue' AND relname = 'event' AND NOT tgisinternal
        UNION ALL SELECT DISTINCT 'foreign key of segue.' || c.relname
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_class parent ON parent.oid = confrelid
        WHERE nspname = 'segue' AND contype = 'f' AND parent.relname = 'change' AND parent.relnamespace = n.oid
        """;

    public const string Meta = "table segue.meta";
    public const string Change = "table segue.change";
    private const string ForeignKeyOf = "foreign key of ";

    private static readonly string[] Tables =
    [
        .. Of(LedgerSchema.Version)
            .Select(part => part.Name)
            .Where(name => name.StartsWith("table ", StringComparison.Ordinal))
            .Distinct(),
    ];

    /// <summary>Whether any table of a ledger exists.</summary>
    public static bool HasLedger(IEnumerable<string> present) => present.Any(Tables.Contains);

    public static IReadOnlyList<string> Missing(IReadOnlyCollection<string> present, int version) =>
        [
            .. Of(version).Select(part => part.Name).Distinct().Except(present),
            .. LackingKeys(present, version).Select(table => $"{ForeignKeyOf}{table}"),
        ];

    /// <summary>
    /// The statements that add the foreign keys to <c>segue.change</c> again, once that has its rows. Rows of unknown
    /// changes stay as they are.
    /// </summary>
    public static IEnumerable<string> MendingKeys(IReadOnlyCollection<string> present, int version) =>
        LackingKeys(present, version)
            .Select(table => $"ALTER TABLE {table} ADD FOREIGN KEY (change) REFERENCES segue.change NOT VALID");

    /// <summary>Tables without their foreign key: a DROP ... CASCADE of the referenced table removed it.</summary>
    private static IEnumerable<string> LackingKeys(IReadOnlyCollection<string> present, int version) =>
        from part in Of(version)
        where
            part.Statement.Contains("REFERENCES segue.change", StringComparison.Ordinal) && present.Contains(part.Name)
        let table = part.Name["table ".Length..]
        where !present.Contains($"{ForeignKeyOf}{table}")
        select table;

    /// <summary>The statements that create the missing ones.</summary>
    public static IReadOnlyList<string> Mending(IReadOnlyCollection<string> present, int version)
    {
        HashSet<string> missing = [.. Missing(present, version)];
        return [.. Of(version).Where(part => missing.Contains(part.Name)).Select(part => part.Statement)];
    }

    /// <summary>
    /// The statements of newer versions, except for existing objects, as after a restore of some tables.
    /// </summary>
    public static IEnumerable<string> Upgrading(IReadOnlyCollection<string> present, int version) =>
        LedgerSchema
            .Statements.Skip(version)
            .SelectMany(list => list)
            .Where(statement =>
                !Created().IsMatch(statement) || Replaced().IsMatch(statement) || !present.Contains(Name(statement))
            );

    private static IEnumerable<(string Name, string Statement)> Of(int version) =>
        LedgerSchema
            .Statements.Take(version)
            .SelectMany(list => list)
            .Select(statement => (Name(statement), statement));

    /// <summary>Rows are dropped with their table, the event trigger with its function.</summary>
    private static string Name(string statement)
    {
        Match created = Created().Match(statement);
        return created.Success ? $"{Kind(created)} {created.Groups["name"].Value}"
            : Altered().Match(statement) is { Success: true } altered
                ? $"{Kind(altered)} {altered.Groups["name"].Value}"
            : $"function {Called().Match(statement).Groups["name"].Value}";
    }

    private static string Kind(Match statement) =>
        statement.Groups["kind"] is { Success: true } kind ? kind.Value.ToLowerInvariant() : "table";

    [GeneratedRegex(
        @"^\s*CREATE (?:OR REPLACE )?(?<kind>TABLE|FUNCTION|VIEW|TRIGGER) (?<name>[\w.]+)",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
    )]
    private static partial Regex Created();

    [GeneratedRegex(@"^\s*CREATE OR REPLACE ", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Replaced();

    [GeneratedRegex(
        @"^\s*(?:INSERT INTO|ALTER (?<kind>TABLE|FUNCTION)) (?<name>[\w.]+)",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
    )]
    private static partial Regex Altered();

    [GeneratedRegex(@"EXECUTE FUNCTION (?<name>[\w.]+)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Called();
}
