using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>sql</c>.</summary>
internal static class RawSqlKeys
{
    private static readonly Key<DeclaredEffect, TableName> Table = SharedKeys.Table<DeclaredEffect>(effect =>
        effect.Table
    );

    private static readonly Key<DeclaredEffect, string> Lock = new(
        "lock",
        TextValue.Plain,
        effect => effect.Lock,
        "The strongest lock that `up` or `down` takes on the table, by the server's name."
    )
    {
        Required = true,
        Examples = ["share update exclusive"],
    };

    private static readonly Key<DeclaredEffect, DeclaredWork> Work = new(
        "work",
        ChoiceValue<DeclaredWork>.Instance,
        effect => effect.Work,
        "Work that grows with the table: scan, build (an index), rewrite, or none."
    );

    private static readonly MapValue<DeclaredEffect> EffectValue = new(
        new MapShape<DeclaredEffect>(
            "effect",
            "The effect of the statement on one table.",
            [Table, Lock, Work],
            fields => new DeclaredEffect
            {
                Table = fields.Get(Table),
                Lock = fields.Get(Lock),
                Work = fields.Get(Work),
            }
        )
    );

    private static readonly Key<RawSql, string> Up = new(
        "up",
        TextValue.Sql,
        sql => sql.Up,
        "One SQL statement; it must run in a transaction."
    )
    {
        Required = true,
        Examples = ["ALTER TABLE orders SET (fillfactor = 90)"],
        KnownElsewhereAs = ["statement", "sql", "do"],
    };

    private static readonly Key<RawSql, string> Down = new(
        "down",
        TextValue.Sql,
        sql => sql.Down,
        "The statement that undoes it. Without one it runs last, when the change cannot be rolled back any more."
    )
    {
        Examples = ["ALTER TABLE orders RESET (fillfactor)"],
        KnownElsewhereAs = ["undo", "revert"],
    };

    private static readonly Key<RawSql, IReadOnlyList<DeclaredEffect>> Effect = new(
        "effect",
        new ListValue<DeclaredEffect>(EffectValue),
        sql => sql.Effect,
        "The tables it locks against apps or background work, and the work it does there. An "
            + "undeclared effect is refused."
    )
    {
        Default = [],
        Examples = ["[{ table: orders, lock: share update exclusive }]"],
    };

    private static readonly Key<RawSql, string> WaitsFor = new(
        "waits_for",
        TextValue.Plain,
        sql => sql.WaitsFor,
        "The condition for running it: it then waits at the gate until the change is completed."
    )
    {
        Examples = ["no app to call old_total() any more"],
    };

    private static readonly Key<RawSql, string> Applied = new(
        "applied",
        TextValue.Sql,
        sql => sql.Applied,
        "A query that returns one boolean: whether the statement has run, according to the catalog. "
            + "Default: the ledger's record, which commits with it."
    )
    {
        Examples = ["SELECT to_regclass('old_total') IS NULL"],
    };

    public static MapShape<RawSql> Shape { get; } =
        new(
            "sql",
            "Runs a statement of your own with declared effects. Segue measures the effects before anything runs.",
            [Up, Down, Effect, WaitsFor, Applied],
            fields => new RawSql
            {
                Up = fields.Get(Up),
                Down = fields.Get(Down),
                Effect = fields.List(Effect),
                WaitsFor = fields.Get(WaitsFor),
                Applied = fields.Get(Applied),
            }
        )
        {
            Typical = [Down, Effect],
            Exclusions =
            [
                new(Down, WaitsFor, "Keep 'waits_for' for a statement that cannot be undone, 'down' for one that can."),
            ],
        };
}
