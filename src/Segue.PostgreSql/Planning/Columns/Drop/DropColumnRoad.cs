using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Constraints;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Rows;

namespace Segue.PostgreSql.Planning.Columns.Drop;

/// <summary>
/// The steps of <c>drop_column</c>: rows of new code get a value and writes of old code are counted; after the gate the
/// column's foreign keys are dropped and the column is set aside.
/// </summary>
internal sealed class DropColumnRoad(DroppedColumn column, bool changeOwner)
{
    private readonly Table _table = column.Table;
    private readonly Steps _steps = new(column.Table);
    private readonly DroppedColumnTriggers _triggers = new(column);

    private string Alter => $"ALTER TABLE {_table.Sql} ALTER COLUMN {column.Sql}";

    private bool SetsDefault => column.Operation.Default is not null;

    public IReadOnlyList<StagedStep> Plan() =>
        [
            .. When(SetsDefault || _triggers.Any, () => new StagedStep(StageName.Expand, Expand())),
            new StagedStep(StageName.Switch, Gate()),
            .. Contract().Select(step => new StagedStep(StageName.Contract, step)),
        ];

    private IEnumerable<Step> Contract()
    {
        Obstacle isUsed = IsUsed();
        foreach ((int n, Tables.Drop.DroppedKey key) in column.Keys.Index())
        {
            // The undo runs in reverse, so proofs come last, with the first step.
            yield return key.Drop(isUsed, n == 0 ? column.Keys.SelectMany(each => each.Prove()) : []) with
            {
                WantsQuiet = _triggers.Counts,
            };
        }

        if (column.LosesNotNull)
        {
            yield return AllowNull(isUsed);
        }

        yield return column.IsKept ? SetAside(isUsed) : DropAtOnce(isUsed);
    }

    private Obstacle IsUsed() =>
        new(
            Conditions.Query(ColumnUses.Exist(_table, column.Name, _triggers.Pattern)),
            $"after the change was planned, an object was created that uses {column.Title}: a view, a "
                + "trigger, a policy, a generated column, a foreign key, or an index or constraint of other "
                + "columns too. Drop or change that"
        );

    private DdlStep Expand()
    {
        string mode = SetsDefault ? Locks.AccessExclusive : Locks.ShareRowExclusive;
        string hasDefault = Conditions.Not(Conditions.HasNoDefault(_table.Sql, column.Name));
        DdlStep undo = _steps.Short(
            Locks.AccessExclusive,
            $"expand/{column.Name}/undo",
            $"restore {column.Name} of {_table.Name} as it was",
            [.. _triggers.Drop(), .. When(SetsDefault, $"{Alter} DROP DEFAULT")]
        ) with
        {
            Obstacle = _steps.Renamed([column.Name]),
            Applied = Conditions.Query(
                Conditions.Either(
                    Conditions.Not(Conditions.RelationExists(_table.Sql)),
                    Conditions.All([
                        .. When(_triggers.Any, () => _triggers.AreGone),
                        .. When(SetsDefault, Conditions.HasNoDefault(_table.Sql, column.Name)),
                    ])
                )
            ),
        };
        return _steps.Short(
            mode,
            $"expand/{column.Name}",
            Title(),
            [
                .. When(column.Operation.Default, given => $"{Alter} SET DEFAULT {Sql.Parenthesised(given)}"),
                .. _triggers.Create(changeOwner),
            ]
        ) with
        {
            Applied = Conditions.Query(
                Conditions.All([.. When(SetsDefault, hasDefault), .. When(_triggers.Any, () => _triggers.Exist)])
            ),
            Undo = [undo, .. When(column.Down is not null, () => _triggers.DropOrphans($"expand/{column.Name}"))],
        };
    }

    private string Title()
    {
        string[] parts =
        [
            .. When(SetsDefault, $"give new rows of {_table.Name} a default for {column.Name}"),
            .. When(column.Down is not null, $"fill {column.Name} in new rows of {_table.Name} that lack it"),
            .. When(_triggers.Counts, $"count what old code writes to {_table.Name}.{column.Name}"),
        ];
        return string.Join(", and ", parts);
    }

    private GateStep Gate() =>
        _steps.Gate(
            $"switch/drop-column-{column.Name}",
            $"wait until no code uses {_table.Name}.{column.Name}",
            new GateCondition(GateEvidence.NotUsed, [$"column {_table.Name}.{column.Name}"]) { Relation = _table.Sql }
        );

    /// <summary>
    /// Rows get no value while the column is kept. Its undo fills them and proves NOT NULL again, after the column has
    /// its name back.
    /// </summary>
    private DdlStep AllowNull(Obstacle isUsed) =>
        _steps.Exclusive(
            $"contract/{column.Name}-null",
            $"allow NULL in {column.Name} of {_table.Name}, and stop filling it",
            [.. _triggers.Drop(), $"{Alter} DROP NOT NULL"]
        ) with
        {
            Applied = Conditions.Query(
                Conditions.All([
                    _triggers.AreGone,
                    Conditions.Not(Conditions.IsNotNull(_table.Sql, column.Name)),
                    Conditions.Not(Conditions.IsNotNull(_table.Sql, column.Kept)),
                ])
            ),
            Obstacle = isUsed,
            WantsQuiet = _triggers.Counts,
            Undo = [.. RestoreNotNull()],
        };

    private IEnumerable<Step> RestoreNotNull()
    {
        string isRestored = Conditions.IsNotNull(_table.Sql, column.Name);
        string id = $"contract/{column.Name}-null/undo";
        yield return _steps.Short(
            Locks.ShareRowExclusive,
            $"{id}-trigger",
            $"fill {column.Name} again in rows of {_table.Name} that lack it",
            _triggers.FillAgain(changeOwner)
        ) with
        {
            Applied = Conditions.Query(Conditions.Either(isRestored, _triggers.FillEverywhere)),
        };
        RowStatements rows = new FillStatements(_table, [column.Down!]).ByRanges;
        yield return new BackfillStep
        {
            Id = _steps.IdOf($"{id}-fill"),
            Title = $"fill {column.Name} in rows of {_table.Name} that were written without it",
            // The root, for partitions that were attached after the plan was made.
            Targets =
            [
                .. rows.ForAll(),
                .. When(_table.IsPartitioned, () => rows.For(_table.Sql, _table.Size, _table.FillFactor)),
            ],
            Applied = Conditions.Query(isRestored),
            Impact = new Impact
            {
                Locks =
                [
                    .. Locks.OnAll(_table, Locks.RowExclusive),
                    .. column.Down!.Fill!.Reads.Select(relation => Locks.On(relation, Locks.AccessShare)),
                ],
                Cost = Cost.Batches,
            },
            Estimate = Estimates.Fill(_table),
        };
        yield return new Proofs(_table).Step(
            $"{id}-rows",
            $"check that {column.Name} is never NULL",
            [
                new Proofs(_table).HasNoNull(column.Name, column.IsNotNull(column.Sql)) with
                {
                    Remedy = "Give these rows a value, then roll back again.",
                },
            ],
            []
        ) with
        {
            Applied = Conditions.Query(isRestored),
        };
        CheckRoad checks = new(_table, column.Server, id);
        foreach (
            Step step in checks.NotNull(column.Name, column.NotNull, column.IsNotNull(column.Sql), isUndone: false)
        )
        {
            yield return step;
        }
    }

    private DdlStep SetAside(Obstacle isUsed)
    {
        string exists = Conditions.ColumnExists(_table.Sql, column.Name);
        string isKept = Conditions.ColumnExists(_table.Sql, column.Kept);
        DdlStep aside = _steps.Exclusive(
            $"contract/drop-column-{column.Name}",
            $"set column {column.Name} of {_table.Name} aside",
            [.. column.LosesNotNull ? [] : _triggers.Drop(), Rename(column.Name, column.Kept)]
        );
        DdlStep back = aside with
        {
            Id = _steps.IdOf($"contract/drop-column-{column.Name}/undo"),
            Title = $"restore column {column.Name} of {_table.Name}",
            Statements = [Rename(column.Kept, column.Name)],
            Applied = Conditions.Query(Conditions.All([exists, Conditions.Not(isKept)])),
            Obstacle = new Obstacle(
                Conditions.Query(Conditions.Either(Conditions.Not(isKept), exists)),
                $"{column.Title} cannot be restored: {column.Kept} does not exist any more (purged, dropped or "
                    + "renamed manually), or another column has its name and must be renamed first"
            ),
        };
        return aside with
        {
            Applied = Conditions.Query(Conditions.All([isKept, Conditions.Not(exists)])),
            Obstacle = isUsed,
            WantsQuiet = _triggers.Counts,
            Undo = [back],
            Retains = new Retention
            {
                What = column.Title,
                Relation = $"{_table.Sql}.{Sql.Name(column.Kept)}",
                Seconds = (long)column.Operation.Keep.TotalSeconds,
                Purge = Purge(aside, isKept),
            },
        };
    }

    private string Rename(string from, string to) =>
        $"ALTER TABLE {_table.Sql} RENAME COLUMN {Sql.Name(from)} TO {Sql.Name(to)}";

    /// <summary>A table that was renamed or moved still has the column.</summary>
    private DdlStep Purge(DdlStep aside, string isKept)
    {
        string isElsewhere =
            "EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid WHERE "
            + $"a.attname = {Sql.Literal(column.Kept)} AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND "
            + $"to_regclass({Sql.Literal(_table.Sql)}) IS NULL)";
        return aside with
        {
            Id = _steps.IdOf($"contract/drop-column-{column.Name}/purge"),
            Title = $"drop {column.Title} permanently",
            Statements = [$"ALTER TABLE {_table.Sql} DROP COLUMN {Sql.Name(column.Kept)}"],
            Applied = Conditions.Query(Conditions.All([Conditions.Not(isKept), Conditions.Not(isElsewhere)])),
            Obstacle = new Obstacle(
                Conditions.Query(isElsewhere),
                $"{_table.Schema}.{_table.Name} does not exist, and another table has its column {column.Kept}: it was "
                    + "renamed or moved. Drop that column there manually, or give the table its old name again"
            ),
            Impact = aside.Impact with { Reversible = false },
        };
    }

    private DdlStep DropAtOnce(Obstacle isUsed)
    {
        DdlStep drop = _steps.Exclusive(
            $"contract/drop-column-{column.Name}",
            $"drop column {column.Name} of {_table.Name}",
            [.. _triggers.Drop(), $"ALTER TABLE {_table.Sql} DROP COLUMN {column.Sql}"]
        );
        return drop with
        {
            Applied = Conditions.Query(Conditions.Not(Conditions.ColumnExists(_table.Sql, column.Name))),
            Obstacle = isUsed,
            WantsQuiet = _triggers.Counts,
            Impact = drop.Impact with { Reversible = false },
        };
    }
}
