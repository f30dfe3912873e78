using Npgsql;

namespace Segue.PostgreSql.Explaining;

/// <param name="Fires">For writes of running code, not only for those of a subscription.</param>
/// <param name="ForeignKey">The foreign key it checks, if the server created it for one.</param>
/// <param name="Definition">Everything that decides when it fires and what it calls.</param>
/// <param name="MayInterfere">It may reject or change writes of running code.</param>
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

    /// <summary>It only skips unchanged rows: no code relies on it, and it rejects nothing.</summary>
    public bool IsHarmless => Function == "suppress_redundant_updates_trigger()";
}
