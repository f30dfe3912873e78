using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>Segue's triggers on a user's table, and the functions in schema <c>segue</c> that they call.</summary>
/// <param name="functions">Their names in schema <c>segue</c>; none where they call only the ledger's.</param>
internal sealed class OwnTriggers(
    Table table,
    IReadOnlyList<string> functions,
    IReadOnlyList<(string Name, string Sql)> triggers
)
{
    /// <summary>
    /// Also for sessions that replay (session_replication_role = replica): their rows need the value like any other.
    /// Partitions, also later ones, inherit the setting from their root.
    /// </summary>
    public IEnumerable<string> Create() =>
        triggers.SelectMany(trigger =>
            new[] { trigger.Sql, $"ALTER TABLE {table.Sql} ENABLE ALWAYS TRIGGER {Sql.Name(trigger.Name)}" }
        );

    public IEnumerable<string> Drop() =>
        [
            .. triggers.Select(trigger => $"DROP TRIGGER IF EXISTS {Sql.Name(trigger.Name)} ON {table.Sql}"),
            .. When(functions.Count > 0, DropFunctions),
        ];

    public string DropFunctions() =>
        $"DROP FUNCTION IF EXISTS {string.Join(", ", functions.Select(function => $"segue.{Sql.Name(function)}()"))}";

    /// <summary>A condition: functions and triggers exist, and the triggers are enabled.</summary>
    public string Exist() =>
        Conditions.All([
            .. functions.Select(Conditions.FunctionExists),
            .. triggers.Select(trigger => Conditions.TriggerFires(table.Sql, trigger.Name)),
        ]);

    /// <summary>A condition: nothing of them exists.</summary>
    public string AreGone() =>
        Conditions.All([
            .. functions.Select(IsGone),
            .. triggers.Select(trigger => Conditions.Not(Conditions.TriggerExists(table.Sql, trigger.Name))),
        ]);

    public string FunctionsAreGone() => Conditions.All(functions.Select(IsGone));

    private static string IsGone(string function) => Conditions.Not(Conditions.FunctionExists(function));

    /// <summary>A condition: any table has them.</summary>
    public string AreUsed() => Conditions.HasTriggers(functions);
}
