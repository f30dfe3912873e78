using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Constraints;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// The whole road of one table's new and altered columns, top to bottom: one expand transaction, one backfill, one
/// verdict, each constraint online,
/// one gate, one contract transaction.
/// </summary>
internal sealed class ColumnRoad
{
    private readonly Table _table;
    private readonly ColumnWork _work;
    private readonly IReadOnlyList<NewColumn> _columns;
    private readonly IReadOnlyDictionary<string, EnforceTarget> _targets;
    private readonly RoadFacts _facts;
    private readonly Steps _steps;
    private readonly Proofs _proofs;
    private readonly IReadOnlyList<NewColumn> _filled;
    private readonly SyncTrigger? _sync;

    public ColumnRoad(Table table, ColumnWork work, RoadFacts facts)
    {
        _table = table;
        _work = work;
        _columns = work.Columns;
        _targets = work.Targets;
        _facts = facts;
        _steps = new Steps(table);
        _proofs = new Proofs(table);
        _filled = [.. _columns.Where(column => column.Fill is not null && !IsOneGo(column))];
        NewColumn[] synced = [.. _filled.Where(column => !_facts.IsSmall || NeedsGate(column))];
        _sync = synced.Length == 0 ? null : new SyncTrigger(table, synced, facts.Change, facts.Server);
    }

    /// <summary>The stages of this table, in order.</summary>
    public IEnumerable<StagedStep> Plan()
    {
        if (_columns.Count > 0 || Altered(StageName.Expand).Any())
        {
            IEnumerable<string> altered = Altered(StageName.Expand).Select(alteration => alteration.Column);
            yield return From(StageName.Expand, Expand(), [.. Names(_columns), .. altered]);
        }

        foreach (Step step in _filled.Count > 0 && !_facts.IsSmall ? Fill.Steps() : [])
        {
            yield return From(StageName.Backfill, step, Names(_filled));
        }

        foreach (VerifyStep proof in Verify())
        {
            IEnumerable<string> constrained = _facts.IsSmall ? [] : Names(_columns.Where(HasConstraints));
            IEnumerable<string> notNull = _work.NotNulls.Select(column => column.Column);
            yield return From(StageName.Verify, proof, [.. Names(_filled), .. constrained, .. notNull]);
        }

        foreach ((string column, Step step) in EnforceSteps())
        {
            yield return From(StageName.Enforce, step, [column]);
        }

        if (WaitsFor().ToArray() is { Length: > 0 } conditions)
        {
            IEnumerable<string> altered = _work
                .Alterations.Where(alteration => alteration.WaitsFor is not null)
                .Select(alteration => alteration.Column);
            yield return From(
                StageName.Switch,
                _steps.Gate("switch", "wait until the app uses the new shape", conditions),
                [.. Names(_columns.Where(NeedsGate)), .. altered]
            );
        }

        foreach ((IEnumerable<string> columns, Step step) in new ColumnContract(_table, _work, _sync).Steps())
        {
            yield return From(StageName.Contract, step, columns);
        }
    }

    private StagedStep From(StageName stage, Step step, IEnumerable<string> columns) =>
        new(stage, step with { Operations = _work.From(columns) });

    private static IEnumerable<string> Names(IEnumerable<NewColumn> columns) => columns.Select(column => column.Name);

    private FillRoad Fill => new(_table, _filled, _sync, [.. FillReads()]);

    private IEnumerable<NewColumn> Added => _columns.Where(column => !column.IsThere);

    private IEnumerable<Alteration> Altered(StageName stage) =>
        _work.Alterations.Where(alteration => alteration.Stage == stage);

    private bool SyncsUpdatesLater => _sync is { UpdatesLater: true } && !_facts.IsSmall;

    /// <summary>
    /// Rows of old code would lack the value, or would have it only through Segue, once contract drops the trigger or
    /// default.
    /// </summary>
    public static bool NeedsGate(NewColumn column) =>
        column.IsThere
        || column.IsDerived
        || column.HasTemporaryDefault
        || (column.Fill is not null && !column.HasDefault);

    /// <summary>On a small table a rewrite takes no time: the plain statement does everything.</summary>
    private bool IsOneGo(NewColumn column) =>
        _facts.IsSmall
        && (
            column.Change.Identity is not null
            || column is { TypeRewrites: true, Change: { Backfill: null, Derive: null, Generated: null } }
        );

    private Step Expand()
    {
        DdlStep step = _steps.Short(ExpandMode, "expand", ExpandTitle(), ExpandStatements());
        Table[] parents =
        [
            .. _columns
                .Where(column => HasForeignKeyAtOnce(column))
                .Select(column => _targets[column.Name].ForeignKey!.Parent)
                .Where(parent => parent.Oid != _table.Oid)
                .DistinctBy(parent => parent.Oid),
        ];
        Impact impact = step.Impact with
        {
            Locks =
            [
                .. step.Impact.Locks,
                .. parents.SelectMany(parent => Locks.OnAll(parent, Locks.ShareRowExclusive)),
                .. _facts.IsSmall ? FillReads() : [],
            ],
            Cost =
                _facts.IsSmall
                && _columns.Any(column => column.Fill is not null || column.TypeRewrites || IsOneGo(column))
                    ? Cost.Rewrite
                    : Cost.Metadata,
        };
        return step with
        {
            PatientLocks =
            [
                .. step.PatientLocks,
                .. parents
                    .Where(parent => parent.CanLock)
                    .Select(parent => Locks.Statement(parent.Sql, Locks.ShareUpdateExclusive)),
            ],
            Locks =
            [
                .. step.Locks,
                .. parents
                    .Where(parent => parent.CanLock)
                    .SelectMany(parent => Locks.Statements(parent, Locks.ShareRowExclusive)),
            ],
            Applied = Conditions.Query(
                Conditions.All([
                    .. _columns.Select(column => Conditions.ColumnExists(_table.Sql, column.Name, column.Type)),
                    .. SetNotNullAtOnce.Select(column => Conditions.IsNotNull(_table.Sql, column.Name)),
                    .. Altered(StageName.Expand).Select(alteration => alteration.IsDone),
                    .. _sync is null ? Array.Empty<string>() : [_sync.Exists(withUpdates: !SyncsUpdatesLater)],
                ])
            ),
            Impact = impact,
            Undo = [UndoExpand(parents), .. _sync is null ? Array.Empty<Step>() : [DropOrphans()]],
        };
    }

    private string ExpandMode =>
        Locks.Strongest([
            .. When(Added.Any() || SetNotNullAtOnce.Any(), Locks.AccessExclusive),
            .. _sync is null ? Array.Empty<string>() : [Locks.ShareRowExclusive],
            .. Altered(StageName.Expand).Select(alteration => alteration.Mode),
        ]);

    private string ExpandTitle()
    {
        string synced = Added.Any() ? "it" : string.Join(", ", _filled.Select(column => column.Name));
        string sync = _sync is null ? "" : $" and keep {synced} in sync with old code";
        string added = Added.Any()
            ? $"add {string.Join(", ", Added.Select(column => column.Name))} to {_table.Name}"
            : "";
        string[] parts =
        [
            .. When(added.Length > 0, added),
            .. Altered(StageName.Expand).Select(alteration => alteration.Title),
        ];
        return parts.Length > 0 ? string.Join(", ", parts) + sync : sync[" and ".Length..];
    }

    /// <summary>Small tables' columns that existed before.</summary>
    private IEnumerable<NewColumn> SetNotNullAtOnce => _facts.IsSmall ? _columns.Where(column => column.IsThere) : [];

    private IEnumerable<string> ExpandStatements()
    {
        foreach (NewColumn column in _columns.Where(column => column.TemporarySequence is not null))
        {
            yield return (
                $"CREATE SEQUENCE {column.TemporarySequence} AS {column.Type} "
                + $"{SequenceText.Options(column.Change.Identity!)}"
            ).TrimEnd();
            // An identity needs no privilege on its sequence; a default that calls nextval does, for every role that
            // inserts.
            yield return $"GRANT USAGE ON SEQUENCE {column.TemporarySequence} TO PUBLIC";
        }

        if (Added.Any())
        {
            yield return $"ALTER TABLE {_table.Sql}\n  "
                + $"{string.Join(",\n  ", Added.Select(column => $"ADD COLUMN {Definition(column)}"))}";
        }

        string[] defaults = [.. Added.SelectMany(DefaultsAfterwards)];
        if (defaults.Length > 0)
        {
            yield return $"ALTER TABLE {_table.Sql}\n  {string.Join(",\n  ", defaults)}";
        }

        foreach (Alteration alteration in Altered(StageName.Expand))
        {
            yield return alteration.Statement;
        }

        foreach (string statement in _sync?.Create(_facts.ChangeOwner, withUpdates: !SyncsUpdatesLater) ?? [])
        {
            yield return statement;
        }

        foreach (NewColumn column in _columns.Where(column => column.Change.Comment is not null))
        {
            yield return $"COMMENT ON COLUMN {_table.Sql}.{column.Sql} IS {Sql.Literal(column.Change.Comment!)}";
        }

        foreach (string statement in _facts.IsSmall ? SmallTableStatements() : [])
        {
            yield return statement;
        }
    }

    private string Definition(NewColumn column)
    {
        AddColumnClauses clauses = new(column);
        string reference =
            HasForeignKeyAtOnce(column) && !_facts.IsSmall ? clauses.References(_targets[column.Name]) : "";
        return (IsOneGo(column) ? clauses.InOneGo() : clauses.MetadataOnly()) + reference;
    }

    /// <summary>Old rows keep the value the column was added with; new rows get the author's default.</summary>
    private IEnumerable<string> DefaultsAfterwards(NewColumn column)
    {
        string alter = $"ALTER COLUMN {column.Sql}";
        if (column.TemporarySequence is not null)
        {
            yield return $"{alter} SET DEFAULT {column.Fill!.Expression}";
        }
        else if (
            column.Change.Default is { } expression
            && (column.Fill is not null && !IsOneGo(column) || column.BackfillIsConstant)
        )
        {
            yield return $"{alter} SET DEFAULT {Sql.Parenthesised(expression)}";
        }
        else if (
            column.BackfillIsConstant
                ? !column.HasTemporaryDefault
                : column.TypeHasDefault && column.Fill is not null && !IsOneGo(column)
        )
        {
            yield return $"{alter} DROP DEFAULT";
        }
    }

    /// <summary>Everything at once: the table is so small that nobody has to wait.</summary>
    private IEnumerable<string> SmallTableStatements()
    {
        foreach (IReadOnlyList<NewColumn> together in FilledTogether())
        {
            yield return new FillStatements(_table, together).FillAll();
        }

        if (_filled.Count > 0)
        {
            yield return "SET CONSTRAINTS ALL IMMEDIATE";
        }

        foreach (NewColumn column in _columns)
        {
            foreach (
                string statement in new AddColumnClauses(column).SmallTable(
                    _table,
                    _targets[column.Name],
                    IsOneGo(column)
                )
            )
            {
                yield return statement;
            }
        }
    }

    /// <summary>
    /// A statement reads every column as it was before: an expression that reads another filled column comes after
    /// that.
    /// </summary>
    private IEnumerable<IReadOnlyList<NewColumn>> FilledTogether()
    {
        for (IReadOnlyList<NewColumn> left = _filled; left.Count > 0; )
        {
            NewColumn[] first =
            [
                .. left.Where(column =>
                    !left.Any(other => other != column && column.Fill!.Sources.Contains(other.Name))
                ),
            ];
            IReadOnlyList<NewColumn> next = first.Length > 0 ? first : left;
            yield return next;
            left = [.. left.Except(next)];
        }
    }

    private DdlStep UndoExpand(IReadOnlyList<Table> parents)
    {
        // Dropping a column drops its foreign key with it, which locks the parent as well.
        string mode = Added.Any() || _sync is not null ? Locks.AccessExclusive : ExpandMode;
        string title = Added.Any()
            ? $"drop {string.Join(", ", Added.Select(column => column.Name))} from {_table.Name}"
            : $"revert the alterations of {_table.Name}";
        DdlStep undo = _steps.Short(
            mode,
            "expand/undo",
            title,
            [
                .. _sync?.Drop() ?? [],
                .. Altered(StageName.Expand).Reverse().Select(alteration => alteration.Undo!),
                .. SetNotNullAtOnce.Select(column =>
                    $"ALTER TABLE {_table.Sql} ALTER COLUMN {column.Sql} DROP NOT NULL"
                ),
                // A CHECK is dropped with the column only if it names it; one that is added later has an undo of its
                // own.
                .. _columns
                    .Where(column => _facts.IsSmall && column.Check is { NamesColumn: false })
                    .Select(column =>
                        $"ALTER TABLE {_table.Sql} DROP CONSTRAINT IF EXISTS {Sql.Name(column.Names.Check)}"
                    ),
                .. Added.Any()
                    ?
                    [
                        $"ALTER TABLE {_table.Sql}\n  "
                            + $"{string.Join(",\n  ", Added.Select(column => $"DROP COLUMN IF EXISTS {column.Sql}"))}",
                    ]
                    : Array.Empty<string>(),
                .. _columns
                    .Where(column => column.TemporarySequence is not null)
                    .Select(column => $"DROP SEQUENCE IF EXISTS {column.TemporarySequence}"),
            ]
        );
        return undo with
        {
            Obstacle = Added.Any() ? _steps.Renamed([.. Added.Select(column => column.Name)]) : null,
            PatientLocks =
            [
                .. undo.PatientLocks,
                .. parents
                    .Where(parent => parent.CanLock)
                    .Select(parent => Locks.Statement(parent.Sql, Locks.ShareUpdateExclusive)),
            ],
            Locks =
            [
                .. undo.Locks,
                .. parents
                    .Where(parent => parent.CanLock)
                    .SelectMany(parent => Locks.Statements(parent, Locks.AccessExclusive)),
            ],
            Impact = undo.Impact with
            {
                Locks =
                [
                    .. undo.Impact.Locks,
                    .. parents.SelectMany(parent => Locks.OnAll(parent, Locks.AccessExclusive)),
                ],
            },
            Applied = Conditions.Query(
                Conditions.Either(
                    Conditions.Not(Conditions.RelationExists(_table.Sql)),
                    Conditions.All([
                        .. Added.Select(column => Conditions.Not(Conditions.ColumnExists(_table.Sql, column.Name))),
                        .. SetNotNullAtOnce.Select(column =>
                            Conditions.Not(Conditions.IsNotNull(_table.Sql, column.Name))
                        ),
                        .. Altered(StageName.Expand).Select(alteration => alteration.IsUndone!),
                        .. _sync is null ? Array.Empty<string>() : [_sync.IsGone()],
                    ])
                )
            ),
        };
    }

    /// <summary>When a table is dropped manually, its triggers are dropped with it, but not their functions.</summary>
    private OnlineStep DropOrphans() =>
        new()
        {
            Id = _steps.IdOf("expand/undo-orphans"),
            Title = $"drop the sync functions of {_table.Name}, if the table was dropped",
            Statement = _sync!.DropFunctions(),
            Applied = Conditions.Query(_sync.FunctionsAreGone()),
            Obstacle = new Obstacle(
                Conditions.Query(_sync.IsUsed()),
                $"{_table.Sql} does not exist, but its sync triggers do: it was renamed or moved. "
                    + "`SELECT DISTINCT tgrelid::regclass FROM pg_trigger WHERE tgfoid = "
                    + $"'{_sync.Function}'::regproc` finds it. Give it its old name again"
            ),
            Impact = new Impact { Locks = [], Cost = Cost.Metadata },
            Estimate = Estimates.Metadata(_table),
        };

    private IEnumerable<VerifyStep> Verify()
    {
        string? repairedBy = _facts.IsSmall ? null : Fill.RepairedBy;
        VerifyCheck[] checks =
        [
            .. _filled.Select(column => _proofs.Filled(column) with { RepairedBy = repairedBy }),
            .. _facts.IsSmall ? [] : _columns.Where(HasConstraints).SelectMany(ConstraintProofs),
            .. _work.NotNulls.Select(column => _proofs.HasNoNull(column.Column, column.Condition)),
        ];
        if (checks.Length > 0)
        {
            string title =
                checks.Length == _filled.Count ? "compare every row"
                : _filled.Count == 0 ? "check for constraint violations"
                : "compare every row and check for constraint violations";
            yield return _proofs.Step(
                "verify/columns",
                title,
                checks,
                [.. FillReads(Proofs.Evaluates), .. _facts.IsSmall ? [] : ParentReads()]
            );
        }
    }

    private IEnumerable<RelationLock> ParentReads() =>
        _columns
            .Where(HasValues)
            .Select(column => _targets[column.Name].ForeignKey?.Parent)
            .OfType<Table>()
            .Where(parent => parent.Oid != _table.Oid)
            .DistinctBy(parent => parent.Oid)
            .SelectMany(parent => Locks.OnAll(parent, Locks.AccessShare));

    private bool HasConstraints(NewColumn column) => HasValues(column) && ConstraintProofs(column).Any();

    private IEnumerable<VerifyCheck> ConstraintProofs(NewColumn column)
    {
        if (column.Change.Check is not null)
        {
            yield return _proofs.Satisfies(column.Name, column.Change.Check);
        }

        if (_targets[column.Name].ForeignKey is { } key)
        {
            yield return _proofs.HasParent(key);
        }

        if (column.Change.Unique)
        {
            yield return _proofs.HasNoDuplicates(UniqueValues.Of(column.Name));
        }

        if (column.Index is { LongKeys.Count: > 0 })
        {
            yield return _proofs.FitsIndex(column.IndexName, [column.Sql], where: null);
        }
    }

    private IEnumerable<(string Column, Step Step)> EnforceSteps()
    {
        IEnumerable<(string, Step)> added = _columns.SelectMany(column =>
            EnforceSteps(column).Select(step => (column.Name, step))
        );
        IEnumerable<(string, Step)> notNull = _work.NotNulls.SelectMany(column =>
            new CheckRoad(_table, _facts.Server, $"enforce/{column.Column}")
                .NotNull(column.Column, column.Name, column.Condition, isUndone: true)
                .Select(step => (column.Column, step))
        );
        return _facts.IsSmall ? notNull : added.Concat(notNull);
    }

    private IEnumerable<Step> EnforceSteps(NewColumn column)
    {
        Enforce enforce = new(_table, column, _targets[column.Name]);
        bool notNullLater = !column.Change.Nullable && !new AddColumnClauses(column).IsNotNullAtOnce;
        return
        [
            .. notNullLater ? enforce.NotNull() : [],
            .. column.Change.Check is not null ? enforce.Check() : [],
            .. column.Change.Index ? enforce.Index() : [],
            .. column.Change.Unique ? enforce.Unique() : [],
            .. column.Change.References is not null && !HasForeignKeyAtOnce(column) ? enforce.ForeignKey() : [],
        ];
    }

    private IEnumerable<GateCondition> WaitsFor()
    {
        NewColumn[] written = [.. _columns.Where(NeedsGate)];
        if (written.Length > 0)
        {
            yield return new GateCondition(
                GateEvidence.WrittenByApp,
                [.. written.Select(column => $"{_table.Name}.{column.Name}")]
            )
            {
                Relation = _table.Sql,
            };
        }

        foreach (
            GateCondition condition in _work
                .Alterations.Select(alteration => alteration.WaitsFor)
                .OfType<GateCondition>()
        )
        {
            yield return condition with
            {
                Relation = _table.Sql,
            };
        }

        if (_work.Recreated.Retyped.Count > 0)
        {
            yield return new GateCondition(GateEvidence.PreparedAgain, [.. _work.Recreated.Retyped])
            {
                Relation = _table.Sql,
            };
        }
    }

    /// <summary>The column has values as soon as it exists or is filled: a constraint can be violated.</summary>
    private static bool HasValues(NewColumn column) =>
        column.Fill is not null
        || column.HasDefault
        || column.BackfillIsConstant
        || column.Change.Generated is not null;

    /// <summary>
    /// Without values there is nothing to prove: the server then accepts a foreign key without a scan.
    /// </summary>
    private bool HasForeignKeyAtOnce(NewColumn column) =>
        column.Change.References is not null && (_facts.IsSmall || !HasValues(column));

    private IEnumerable<RelationLock> FillReads() => FillReads(_ => true);

    private IEnumerable<RelationLock> FillReads(Func<NewColumn, bool> where) =>
        _filled
            .Where(where)
            .SelectMany(column => column.Fill!.Reads)
            .Distinct()
            .Select(relation => Locks.On(relation, Locks.AccessShare));
}

/// <summary>Facts that the road depends on besides the columns.</summary>
/// <param name="IsSmall">So small that one short transaction does everything.</param>
/// <param name="ChangeOwner">Our role is not the table's owner, but may make the owner the owner of the trigger's
/// function.</param>
internal sealed record RoadFacts(string Change, ServerFacts Server, bool IsSmall, bool ChangeOwner);
