using Segue.Planning;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// The whole road of one table's new columns, top to bottom: one expand transaction, one backfill, one verdict, each constraint online, one gate,
/// one contract transaction.
/// </summary>
internal sealed class AddColumnPlanner
{
    private readonly Table _table;
    private readonly IReadOnlyList<NewColumn> _columns;
    private readonly IReadOnlyDictionary<string, EnforceTarget> _targets;
    private readonly RoadFacts _facts;
    private readonly Steps _steps;
    private readonly Proofs _proofs;
    private readonly IReadOnlyList<NewColumn> _filled;
    private readonly SyncTrigger? _sync;

    public AddColumnPlanner(Table table, IReadOnlyList<NewColumn> columns, IReadOnlyDictionary<string, EnforceTarget> targets, RoadFacts facts)
    {
        _table = table;
        _columns = columns;
        _targets = targets;
        _facts = facts;
        _steps = new Steps(table);
        _proofs = new Proofs(table);
        _filled = [.. columns.Where(column => column.Fill is not null && !IsOneGo(column))];
        NewColumn[] synced = [.. _filled.Where(column => !_facts.IsSmall || NeedsGate(column))];
        _sync = synced.Length == 0 ? null : new SyncTrigger(table, synced, facts.Change, facts.SearchPath);
    }

    /// <summary>The stages this table takes part in, in order.</summary>
    public IEnumerable<(StageName Stage, Step Step)> Plan()
    {
        yield return (StageName.Expand, Expand());
        if (_filled.Count > 0 && !_facts.IsSmall)
        {
            yield return (StageName.Backfill, Backfill());
            if (SyncsUpdatesLater)
            {
                yield return (StageName.Backfill, SyncUpdates());
                yield return (StageName.Backfill, Sweep());
            }

            yield return (StageName.Backfill, Analyze());
        }

        foreach (VerifyStep proof in Verify())
        {
            yield return (StageName.Verify, proof);
        }

        foreach (Step step in _facts.IsSmall ? [] : _columns.SelectMany(EnforceSteps))
        {
            yield return (StageName.Enforce, step);
        }

        if (_columns.Any(NeedsGate))
        {
            yield return (StageName.Switch, Gate());
        }

        if (ContractStatements().Any())
        {
            yield return (StageName.Contract, Contract());
        }
    }

    /// <summary>In batches an initial value is filled first, then updates are kept in step, then what slipped away meanwhile is filled.</summary>
    private bool SyncsUpdatesLater => _sync is { UpdatesLater: true } && !_facts.IsSmall;

    /// <summary>Old code's rows would lack the value, or keep it by Segue's doing, once contract takes the trigger or default away.</summary>
    public static bool NeedsGate(NewColumn column) => column.IsDerived || column.HasTemporaryDefault || (column.Fill is not null && !column.HasDefault);

    /// <summary>On a small table what rewrites is as good as instant: the plain statement does it all.</summary>
    private bool IsOneGo(NewColumn column) => _facts.IsSmall && (column.Change.Identity is not null || column is { TypeRewrites: true, Change: { Backfill: null, Derive: null, Generated: null } });

    private Step Expand()
    {
        string names = string.Join(", ", _columns.Select(column => column.Name));
        DdlStep step = _steps.Exclusive("expand", $"add {names} to {_table.Name}{(_sync is null ? "" : " and keep it in step with old code")}", ExpandStatements());
        Table[] parents = [.. _columns.Where(column => HasForeignKeyAtOnce(column)).Select(column => _targets[column.Name].ForeignKey!.Parent).Where(parent => parent.Oid != _table.Oid).DistinctBy(parent => parent.Oid)];
        Impact impact = step.Impact with
        {
            Locks = [.. step.Impact.Locks, .. parents.SelectMany(parent => Locks.OnAll(parent, Locks.ShareRowExclusive)), .. _facts.IsSmall ? FillReads() : []],
            Cost = _facts.IsSmall && _columns.Any(column => column.Fill is not null || column.TypeRewrites) ? Cost.Rewrite : Cost.Metadata,
        };
        return step with
        {
            PatientLocks = [.. step.PatientLocks, .. parents.Where(parent => parent.CanLock).Select(parent => Locks.Statement(parent.Sql, Locks.ShareUpdateExclusive))],
            Locks = [.. step.Locks, .. parents.Where(parent => parent.CanLock).SelectMany(parent => Locks.Statements(parent, Locks.ShareRowExclusive))],
            Applied = Conditions.Query(Conditions.All([
                .. _columns.Select(column => Conditions.ColumnExists(_table.Sql, column.Name, column.Type)),
                .. _sync is null ? Array.Empty<string>() : [_sync.Exists(withUpdates: !SyncsUpdatesLater)],
            ])),
            Impact = impact,
            Undo = [UndoExpand(parents), .. _sync is null ? Array.Empty<Step>() : [DropOrphans()]],
        };
    }

    private IEnumerable<string> ExpandStatements()
    {
        foreach (NewColumn column in _columns.Where(UsesTemporarySequence))
        {
            yield return $"CREATE SEQUENCE {column.TemporarySequence} AS {column.Type} {SequenceText.Options(column.Change.Identity!)}".TrimEnd();
            // An identity needs no rights on its sequence; a default that calls nextval does, from whoever inserts.
            yield return $"GRANT USAGE ON SEQUENCE {column.TemporarySequence} TO PUBLIC";
        }

        yield return $"ALTER TABLE {_table.Sql}\n  {string.Join(",\n  ", _columns.Select(column => $"ADD COLUMN {Definition(column)}"))}";
        string[] defaults = [.. _columns.SelectMany(DefaultsAfterwards)];
        if (defaults.Length > 0)
        {
            yield return $"ALTER TABLE {_table.Sql}\n  {string.Join(",\n  ", defaults)}";
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
        string reference = HasForeignKeyAtOnce(column) && !_facts.IsSmall ? clauses.References(_targets[column.Name]) : "";
        return (IsOneGo(column) ? clauses.InOneGo() : clauses.MetadataOnly()) + reference;
    }

    /// <summary>Old rows keep the value the column was added with; new rows get what the author asked for.</summary>
    private IEnumerable<string> DefaultsAfterwards(NewColumn column)
    {
        string alter = $"ALTER COLUMN {column.Sql}";
        if (UsesTemporarySequence(column))
        {
            yield return $"{alter} SET DEFAULT {column.Fill!.Expression}";
        }
        else if (column.Change.Default is { } expression && (column.Fill is not null && !IsOneGo(column) || column.BackfillIsConstant))
        {
            yield return $"{alter} SET DEFAULT {Sql.Parenthesised(expression)}";
        }
        else if (column.BackfillIsConstant ? !column.HasTemporaryDefault : column.TypeHasDefault && column.Fill is not null && !IsOneGo(column))
        {
            yield return $"{alter} DROP DEFAULT";
        }
    }

    /// <summary>Everything at once: the table is so small that it is over before anybody waits.</summary>
    private IEnumerable<string> SmallTableStatements()
    {
        if (_filled.Count > 0)
        {
            yield return new FillStatements(_table, _filled).FillAll();
            yield return "SET CONSTRAINTS ALL IMMEDIATE";
        }

        foreach (NewColumn column in _columns)
        {
            foreach (string statement in new AddColumnClauses(column).SmallTable(_table, _targets[column.Name], IsOneGo(column)))
            {
                yield return statement;
            }
        }
    }

    private DdlStep UndoExpand(IReadOnlyList<Table> parents)
    {
        // Dropping a column drops its foreign key with it, which locks the parent as well.
        DdlStep undo = _steps.Exclusive("expand/undo", $"drop {string.Join(", ", _columns.Select(column => column.Name))} from {_table.Name}", [
            .. _sync?.Drop() ?? [],
            // A CHECK goes with the column only if it names it; one that is added later has an undo of its own.
            .. _columns.Where(column => _facts.IsSmall && column.Check is { NamesColumn: false }).Select(column => $"ALTER TABLE {_table.Sql} DROP CONSTRAINT IF EXISTS {Sql.Name(column.Names.Check)}"),
            $"ALTER TABLE {_table.Sql}\n  {string.Join(",\n  ", _columns.Select(column => $"DROP COLUMN IF EXISTS {column.Sql}"))}",
            .. _columns.Where(UsesTemporarySequence).Select(column => $"DROP SEQUENCE IF EXISTS {column.TemporarySequence}"),
        ]);
        return undo with
        {
            PatientLocks = [.. undo.PatientLocks, .. parents.Where(parent => parent.CanLock).Select(parent => Locks.Statement(parent.Sql, Locks.ShareUpdateExclusive))],
            Locks = [.. undo.Locks, .. parents.Where(parent => parent.CanLock).SelectMany(parent => Locks.Statements(parent, Locks.AccessExclusive))],
            Impact = undo.Impact with { Locks = [.. undo.Impact.Locks, .. parents.SelectMany(parent => Locks.OnAll(parent, Locks.AccessExclusive))] },
            Applied = Conditions.Query(Conditions.Either(Conditions.Not(Conditions.RelationExists(_table.Sql)), Conditions.All([
                .. _columns.Select(column => Conditions.Not(Conditions.ColumnExists(_table.Sql, column.Name))),
                .. _sync is null ? Array.Empty<string>() : [_sync.IsGone()],
            ]))),
        };
    }

    /// <summary>A table that somebody dropped took its triggers along, and not their functions.</summary>
    private OnlineStep DropOrphans() => new()
    {
        Id = _steps.IdOf("expand/undo-orphans"),
        Title = $"drop the sync functions of {_table.Name}, should the table be gone",
        Statement = _sync!.DropFunctions(),
        Applied = Conditions.Query(_sync.FunctionsAreGone()),
        Obstacle = new Obstacle(
            Conditions.Query(_sync.IsUsed()),
            $"{_table.Sql} is gone, but its sync triggers are not: it was renamed or moved. `SELECT DISTINCT tgrelid::regclass FROM pg_trigger WHERE tgfoid = '{_sync.Function}'::regproc` tells where it is. Give it its name back"),
        Impact = new Impact { Locks = [], Cost = Cost.Metadata },
        Estimate = Estimates.Metadata(_table),
    };

    private BackfillStep Backfill() => Fill("backfill", $"fill {FilledNames} of {_table.Name} in small batches", fill =>
    [
        .. Leaves.Select(leaf => fill.For(leaf.Sql, leaf.Size, leaf.FillFactor)),
        .. _table.IsPartitioned && SyncsUpdatesLater ? Array.Empty<BackfillTarget>() : [fill.For(_table.Sql, _table.Size, _table.FillFactor)],
    ]);

    /// <summary>Mostly reads: fills rows that old code moved behind the first scan, or that came with a partition attached meanwhile.</summary>
    private BackfillStep Sweep() => Fill("backfill/sweep", $"look at every row of {_table.Name} again and fill what old code moved meanwhile", fill =>
        [fill.For(_table.Sql, _table.Size, _table.FillFactor) with { Passes = InPlace.OnePass }]) with { IsSweep = true, Estimate = Estimates.Scan(_table) };

    private BackfillStep Fill(string id, string title, Func<FillStatements, IReadOnlyList<BackfillTarget>> statements)
    {
        IReadOnlyList<BackfillTarget> targets = statements(new FillStatements(_table, _filled));
        return new BackfillStep
        {
            Id = _steps.IdOf(id),
            Title = title,
            Targets = targets,
            Impact = new Impact { Locks = [.. FillLocks(targets), .. FillReads()], Cost = Cost.Batches },
            Estimate = Estimates.Fill(_table),
        };
    }

    /// <summary>A partition filled by its own name is written; the roots above it are only read, for the partition's bounds.</summary>
    private IEnumerable<RelationLock> FillLocks(IReadOnlyList<BackfillTarget> targets) => targets.Any(target => target.Relation == _table.Sql)
        ? Locks.OnAll(_table, Locks.RowExclusive)
        : _table.AllRelations().Select(relation => Locks.On(relation, targets.Any(target => target.Relation == relation) ? Locks.RowExclusive : Locks.AccessShare));

    private DdlStep SyncUpdates()
    {
        DdlStep step = _steps.Exclusive("backfill/sync-updates", $"keep {FilledNames} in step with old code's updates", _sync!.CreateUpdates());
        return step with
        {
            Locks = [.. Locks.Statements(_table, Locks.ShareRowExclusive)],
            Applied = Conditions.Query(_sync.Exists(withUpdates: true)),
            Impact = step.Impact with { Locks = Locks.OnAll(_table, Locks.ShareRowExclusive) },
        };
    }

    private string FilledNames => string.Join(", ", _filled.Select(column => column.Name));

    private IEnumerable<Partition> Leaves => _table.Partitions.Where(partition => partition.Kind == 'r');

    private OnlineStep Analyze() => new()
    {
        Id = _steps.IdOf("backfill/analyze"),
        Title = $"collect statistics of {FilledNames}",
        Statement = $"ANALYZE {_table.Sql} ({string.Join(", ", _filled.Select(column => column.Sql))})",
        Impact = new Impact { Locks = [Locks.On(_table.Sql, Locks.ShareUpdateExclusive), .. _table.Partitions.Select(partition => Locks.On(partition.Sql, Locks.ShareUpdateExclusive))], Cost = Cost.Scan },
        Estimate = Estimates.Sample(_table),
    };

    private IEnumerable<VerifyStep> Verify()
    {
        if (_filled.Count > 0)
        {
            string? repairedBy = _facts.IsSmall ? null : _steps.IdOf(SyncsUpdatesLater ? "backfill/sweep" : "backfill");
            yield return _proofs.Step("verify/fill", "compare every row", [.. _filled.Select(_proofs.Filled)], FillReads(Proofs.Evaluates)) with { RepairedBy = repairedBy };
        }

        VerifyCheck[] constraints = _facts.IsSmall ? [] : [.. _columns.Where(HasValues).SelectMany(ConstraintProofs)];
        if (constraints.Length > 0)
        {
            yield return _proofs.Step("verify/constraints", "look for rows the constraints would reject", constraints, ParentReads());
        }
    }

    private IEnumerable<RelationLock> ParentReads() => _columns.Where(HasValues).Select(column => _targets[column.Name].ForeignKey?.Parent).OfType<Table>()
        .Where(parent => parent.Oid != _table.Oid).DistinctBy(parent => parent.Oid).SelectMany(parent => Locks.OnAll(parent, Locks.AccessShare));

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

    private GateStep Gate()
    {
        string names = string.Join(", ", _columns.Where(NeedsGate).Select(column => $"{_table.Name}.{column.Name}"));
        return _steps.Gate("switch", "wait until the app uses the new shape", $"every running version of the app to write {names} itself", _facts.Change);
    }

    private DdlStep Contract()
    {
        DdlStep step = _steps.Exclusive("contract", $"stop serving old code on {_table.Name}", ContractStatements());
        return step with
        {
            Impact = step.Impact with { Reversible = false },
            Applied = Conditions.Query(Conditions.All([
                .. _sync is null ? Array.Empty<string>() : [_sync.IsGone()],
                .. _columns.Where(column => column.HasTemporaryDefault).Select(column => Conditions.HasNoDefault(_table.Sql, column.Name)),
                .. _columns.Where(UsesTemporarySequence).Select(column => Conditions.IsIdentity(_table.Sql, column.Name)),
            ])),
        };
    }

    private IEnumerable<string> ContractStatements()
    {
        foreach (string statement in _sync?.Drop() ?? [])
        {
            yield return statement;
        }

        foreach (NewColumn column in _columns.Where(column => column.HasTemporaryDefault))
        {
            yield return $"ALTER TABLE {_table.Sql} ALTER COLUMN {column.Sql} DROP DEFAULT";
        }

        foreach (NewColumn column in _columns.Where(UsesTemporarySequence))
        {
            yield return $"ALTER TABLE {_table.Sql} ALTER COLUMN {column.Sql} DROP DEFAULT, ALTER COLUMN {column.Sql} ADD {SequenceText.Identity(column.Change.Identity!)}";
            yield return $"SELECT setval(pg_get_serial_sequence({Sql.Literal(_table.Sql)}, {Sql.Literal(column.Name)}), last_value, is_called) FROM {column.TemporarySequence}";
            yield return $"DROP SEQUENCE {column.TemporarySequence}";
        }
    }

    /// <summary>The column has values as soon as it exists or is filled: a constraint can be violated.</summary>
    private static bool HasValues(NewColumn column) => column.Fill is not null || column.HasDefault || column.BackfillIsConstant || column.Change.Generated is not null;

    /// <summary>Without values there is nothing to prove: the server then takes a foreign key without a scan.</summary>
    private bool HasForeignKeyAtOnce(NewColumn column) => column.Change.References is not null && (_facts.IsSmall || !HasValues(column));

    private IEnumerable<RelationLock> FillReads() => FillReads(_ => true);

    private IEnumerable<RelationLock> FillReads(Func<NewColumn, bool> where) =>
        _filled.Where(where).SelectMany(column => column.Fill!.Reads).Distinct().Select(relation => Locks.On(relation, Locks.AccessShare));

    private static bool UsesTemporarySequence(NewColumn column) => column.TemporarySequence is not null;
}

/// <summary>What the road depends on beside the columns.</summary>
/// <param name="IsSmall">So small that one short transaction does everything.</param>
/// <param name="ChangeOwner">Our role is not the table's owner, and may give the trigger's function to it.</param>
internal sealed record RoadFacts(string Change, IReadOnlyList<string> SearchPath, bool IsSmall, bool ChangeOwner);
