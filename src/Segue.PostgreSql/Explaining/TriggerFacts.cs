using Npgsql;

namespace Segue.PostgreSql.Explaining;

/// <param name="Fires">For what running code writes, not only for what a subscription applies.</param>
/// <param name="ForeignKey">Whose check it is, if the server made it for one.</param>
/// <param name="Definition">All that says when it fires and what it calls.</param>
/// <param name="MayInterfere">It may refuse or change what running code writes.</param>
internal sealed record TriggerFacts(
    long Oid,
    long Relation,
    string Name,
    bool Fires,
    bool IsInternal,
    string ForeignKey,
    string Function,
    string Definition,
    bool MayInterfere
)
{
    public static TriggerFacts Read(NpgsqlDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetInt64(1),
            row.GetString(2),
            row.GetBoolean(3),
            row.GetBoolean(4),
            row.GetString(5),
            row.GetString(6),
            row.GetString(7),
            row.GetBoolean(8)
        );

    /// <summary>It spares the server rows that stay the same: nobody misses it, and it refuses nothing.</summary>
    public bool IsHarmless => Function == "suppress_redundant_updates_trigger()";
}
