using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Ledger;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// Triggers that count writes of old code. They must fire before any trigger that gives such a row the new shape.
/// </summary>
/// <param name="mark">Distinguishes what a session has counted: one for each change and table.</param>
/// <param name="prefix">The first part of the triggers' names.</param>
internal sealed class OldWriteCount(Table table, string change, string mark, string prefix)
{
    /// <param name="condition">Holds for a row of old code.</param>
    /// <param name="breaks">Such a write fails, or leaves a wrong value, after contract.</param>
    /// <param name="unless">
    /// The last part of the setting <c>segue.set_...</c> that is <c>on</c> if the statement gave the value itself.
    /// </param>
    /// <param name="timing">
    /// AFTER where nothing changes the row in between: it costs rows that are not counted nothing.
    /// </param>
    public (string Name, string Sql) Trigger(
        string name,
        string @event,
        string condition,
        bool breaks,
        string? unless = null,
        string timing = "BEFORE"
    )
    {
        string full = $"{prefix}_{name}";
        string[] arguments =
        [
            change,
            table.Name,
            $"{mark}{(breaks ? "" : "_null")}",
            breaks ? "breaks" : "harmless",
            .. unless is null ? Array.Empty<string>() : [unless],
        ];
        return (
            full,
            $"""
            CREATE TRIGGER {Sql.Name(full)} {timing} {@event} ON {table.Sql} FOR EACH ROW
            WHEN ({condition})
            EXECUTE FUNCTION {OldWriteSchema.Function}({string.Join(", ", arguments.Select(Sql.Literal))})
            """
        );
    }
}
