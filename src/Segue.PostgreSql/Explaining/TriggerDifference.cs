using Segue.Engines;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// Code that runs, or no longer runs, with every write of running code: triggers, rules, the checks of foreign keys.
/// </summary>
/// <param name="nameOf">A relation's name for people.</param>
internal sealed class TriggerDifference(CatalogFacts before, CatalogFacts after, Func<RelationFacts, string> nameOf)
{
    public IEnumerable<Finding> Breaks()
    {
        ILookup<long, TriggerFacts> triggers = before
            .Triggers.Values.Concat(after.Triggers.Values)
            .Where(each => !each.IsHarmless)
            .DistinctBy(each => each.Oid)
            .OrderBy(each => each.Oid)
            .ToLookup(each => each.Relation);
        foreach (RelationFacts table in before.Relations.Values.Where(each => after.Relations.ContainsKey(each.Oid)))
        {
            RelationFacts now = after.Relations[table.Oid];
            foreach (string rule in table.Rules.Except(now.Rules))
            {
                yield return Found(
                    table,
                    $"rule {rule} off",
                    $"the rule {PlainName.Of("", rule)} of {nameOf(table)} no longer "
                        + "applies: running code that relies on it behaves differently"
                );
            }

            foreach (string rule in now.Rules.Except(table.Rules).Except(now.InsteadRules))
            {
                yield return Found(
                    table,
                    $"rule {rule} on",
                    $"the rule {PlainName.Of("", rule)} of {nameOf(table)} begins to apply: "
                        + "it runs with every such write of running code, and may reject it"
                );
            }

            foreach (TriggerFacts trigger in triggers[table.Oid])
            {
                if (
                    Told(
                        table,
                        before.Triggers.GetValueOrDefault(trigger.Oid),
                        after.Triggers.GetValueOrDefault(trigger.Oid)
                    ) is
                    { } told
                )
                {
                    yield return told;
                }
            }
        }
    }

    private Finding? Told(RelationFacts table, TriggerFacts? old, TriggerFacts? now)
    {
        if ((old ?? now)!.IsInternal)
        {
            return old is { Fires: true, ForeignKey.Length: > 0 } && now is { Fires: false }
                ? Found(
                    table,
                    $"unchecked {old.ForeignKey}",
                    $"the foreign key {PlainName.Of("", old.ForeignKey)} is no longer "
                        + $"checked for {nameOf(table)}: rows without a parent are accepted"
                )
                : null;
        }

        string name = $"the trigger {PlainName.Of("", (now ?? old)!.Name)} of {nameOf(table)}";
        bool fired = old is { Fires: true };
        bool fires = now is { Fires: true };
        return (fired, fires) switch
        {
            (true, false) => Found(
                table,
                $"trigger {old!.Name} off",
                $"{name} no longer fires: running code that relies on {old.Function} behaves differently"
            ),
            (true, true) when old!.Definition != now!.Definition => Found(
                table,
                $"trigger {now.Name} other",
                $"{name} is replaced: {now.Function} treats writes of running code differently"
            ),
            (false, true) when now!.MayInterfere => Found(
                table,
                $"trigger {now.Name} on",
                $"{name} begins to fire: {now.Function} runs with every such write of running code, and "
                    + "may reject or change it"
            ),
            _ => null,
        };
    }

    private static Finding Found(RelationFacts table, string detail, string what) =>
        Finding.Of(BreakageKind.Changes, table.Oid, detail, what);
}
