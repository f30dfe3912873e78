using System.Text.Json.Serialization;

namespace Segue.Planning;

/// <summary>One unit of work of the runner. The runner knows these kinds and no change kinds.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DdlStep), "ddl")]
[JsonDerivedType(typeof(OnlineStep), "online")]
[JsonDerivedType(typeof(BackfillStep), "backfill")]
[JsonDerivedType(typeof(VerifyStep), "verify")]
[JsonDerivedType(typeof(GateStep), "gate")]
public abstract record Step
{
    /// <summary>
    /// Unique in the plan; the same each time the change is planned, e.g.
    /// <c>enforce/public.orders/not-null-validate</c>.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>Its effect, in a line.</summary>
    public required string Title { get; init; }

    /// <summary>Operations of the change that it comes from, by their place in <see cref="Plan.Operations"/>.</summary>
    public IReadOnlyList<int> Operations { get; init; } = [];

    /// <summary>What it locks and costs.</summary>
    public required Impact Impact { get; init; }

    /// <summary>A catalog query with one boolean: is it already applied? Null if only the ledger can know.</summary>
    public string? Applied { get; init; }

    /// <summary>
    /// <see cref="Applied"/> counts only if the ledger has a record of the step's own commit: without one an object
    /// that looks the same belongs to others. Default false, and then not written.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool CountsOnlyIfRecorded { get; init; }

    /// <summary>An object of others that would prevent the step; null if there can be none.</summary>
    public Obstacle? Obstacle { get; init; }

    /// <summary>Other changes that must end before it is undone; null if there can be none.</summary>
    public DependentChanges? BlockedBy { get; init; }

    /// <summary>
    /// The steps that undo it, in order. Before each runs, the catalog is asked whether there is anything to undo.
    /// </summary>
    public IReadOnlyList<Step> Undo { get; init; } = [];

    /// <summary>Once it is done, it cannot be undone.</summary>
    internal bool CannotBeUndone => Undo.Count == 0 && this is not (BackfillStep or VerifyStep);

    /// <summary>Calls the method of this step's kind.</summary>
    public abstract T Accept<T>(IStepVisitor<T> visitor);

    /// <summary>
    /// Where its record commits with all that it does, a step without a record has changed nothing. Where it does not,
    /// a runner may have died between the two, and only the catalog shows what was done.
    /// </summary>
    internal abstract bool RecordCommitsWithIt { get; }

    /// <summary>Relations that it uses, as its plan names them; with those of its undo.</summary>
    internal virtual IEnumerable<string> Relations() =>
        Undo.SelectMany(undo => undo.Relations())
            .Concat(Retains is { } kept ? kept.Purge.Relations().Prepend(kept.Relation) : [])
            .Concat(Impact.Locks.Select(held => held.Relation));

    /// <summary>Statements that the server may go on running for a runner that died.</summary>
    internal virtual IEnumerable<string> LoneStatements => [];

    /// <summary>
    /// For an optional undo: the message that precedes the reason when it fails and the rollback goes on. Null: the
    /// undo is mandatory.
    /// </summary>
    public string? IfNotPossible { get; init; }

    /// <summary>What it keeps of the object that it drops; null if nothing is kept.</summary>
    public Retention? Retains { get; init; }

    /// <summary>Not part of the plan's hash.</summary>
    public Estimate? Estimate { get; init; }
}

/// <summary>Statements in one short transaction under the lock limits.</summary>
public sealed record DdlStep : Step
{
    /// <summary>
    /// Taken first, patiently: locks that block no app and make holders of a conflicting background lock yield.
    /// </summary>
    public IReadOnlyList<string> PatientLocks { get; init; } = [];

    /// <summary>
    /// Taken next, under the lock timeout: the strong locks, so that waiting and holding are measured separately.
    /// </summary>
    public IReadOnlyList<string> Locks { get; init; } = [];

    /// <summary>The statements, in order.</summary>
    public required IReadOnlyList<string> Statements { get; init; }

    /// <summary>
    /// Its statements come from the user: before they commit, their locks are compared with those of <see
    /// cref="Step.Impact"/>. An undeclared lock rolls all of it back.
    /// </summary>
    public bool IsWatched { get; init; }

    /// <summary>
    /// It takes away what old code needs: it is not run while old code was seen writing lately. Default false, and then
    /// not written.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WantsQuiet { get; init; }

    /// <summary>Default, and then not written: all in one transaction, with the record.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public Commit Commit { get; init; } = Commit.WithRecord;

    internal override bool RecordCommitsWithIt => Commit == Commit.WithRecord;

    /// <summary>Whether a runner that finds it without a record can tell what was done of it.</summary>
    internal bool CanBeResumed =>
        RecordCommitsWithIt
        || (
            Statements.Count == 1
            && Applied is not null
            && !CountsOnlyIfRecorded
            && Undo.All(undo => undo.Applied is not null)
        );

    internal override IEnumerable<string> LoneStatements => RecordCommitsWithIt ? [] : Statements;

    /// <inheritdoc/>
    public override T Accept<T>(IStepVisitor<T> visitor) => visitor.Ddl(this);
}

/// <summary>One statement outside a transaction that takes long and blocks no app.</summary>
public sealed record OnlineStep : Step
{
    /// <summary>The statement.</summary>
    public required string Statement { get; init; }

    /// <summary>What a failed attempt leaves behind, and how it is removed; null if nothing is left.</summary>
    public Residue? Residue { get; init; }

    /// <summary>
    /// The step to undo when this one fails on rows: otherwise what it created would reject an app's rows until
    /// somebody acts. Null for none.
    /// </summary>
    public string? UndoOnViolation { get; init; }

    /// <summary>
    /// A query for one row (<c>done</c>, <c>total</c>, <c>phase</c>) while the statement runs; null if the server
    /// reports nothing.
    /// </summary>
    public string? Progress { get; init; }

    /// <summary>
    /// The constraint that it proves by checking each row separately, as its statement names it: one scan can prove
    /// several. Null for anything else.
    /// </summary>
    public string? Proves { get; init; }

    /// <summary>
    /// The parts of a combined step: they run instead of it if one of them is applied already. Null for a single part.
    /// </summary>
    public IReadOnlyList<OnlineStep>? Parts { get; init; }

    internal override bool RecordCommitsWithIt => false;

    internal override IEnumerable<string> LoneStatements => (Parts ?? []).Prepend(this).Select(each => each.Statement);

    /// <inheritdoc/>
    public override T Accept<T>(IStepVisitor<T> visitor) => visitor.Online(this);
}

/// <param name="Exists">A catalog query with one boolean: did a failed attempt of this step leave something?</param>
/// <param name="Clear">The statement, outside a transaction, that removes it.</param>
public sealed record Residue(string Exists, string Clear);

/// <param name="Exists">A catalog query with one boolean: does an object exist that is not of this change?</param>
/// <param name="What">The object and what to do about it: a sentence that ends with an imperative, without a full
/// stop.</param>
public sealed record Obstacle(string Exists, string What)
{
    /// <summary>If it may be one of several: each separately, to report which it is. Null for a single one.</summary>
    public IReadOnlyList<Obstacle>? Each { get; init; }
}

/// <summary>Other changes in progress on a relation use it by the name that the step gave it.</summary>
/// <param name="Relation">Qualified and quoted.</param>
public sealed record DependentChanges(string Relation);

/// <summary>Fills rows in many small transactions.</summary>
public sealed record BackfillStep : Step
{
    /// <summary>One per physical table: the table itself, or each partition.</summary>
    public required IReadOnlyList<BackfillTarget> Targets { get; init; }

    /// <summary>
    /// True when another step has filled nearly all rows before: its rows are not counted again as rows to fill.
    /// </summary>
    public bool IsSweep { get; init; }

    internal override bool RecordCommitsWithIt => false;

    internal override IEnumerable<string> Relations() =>
        base.Relations().Concat(Targets.Select(target => target.Relation));

    /// <inheritdoc/>
    public override T Accept<T>(IStepVisitor<T> visitor) => visitor.Backfill(this);
}

/// <summary>How one physical table is filled, by ranges of its rows.</summary>
public sealed record BackfillTarget
{
    /// <summary>Schema-qualified, quoted where needed.</summary>
    public required string Relation { get; init; }

    /// <summary>
    /// In which passes a group is filled, one number for each: which rows it takes, in the engine's own terms. One pass
    /// takes all.
    /// </summary>
    public required IReadOnlyList<int> Passes { get; init; }

    /// <summary>Number of sessions that fill a batch together while no app is active. Default 1.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>
    /// Fills the rows of one pass over a range. The engine decides how a statement gets its range.
    /// </summary>
    public required string FillPart { get; init; }

    /// <summary>Fills what is left of a range.</summary>
    public required string FillRest { get; init; }

    /// <summary>The same, skipping rows that an app has locked.</summary>
    public required string FillUnlocked { get; init; }

    /// <summary>Counts what is left of a range.</summary>
    public required string CountRemaining { get; init; }

    /// <summary>
    /// Fills what is left and not locked in ever smaller parts of a range, around rows that raise an error.
    /// Session settings tell it the range, and what came of it. Null in a plan that was made before there was such a
    /// statement: an error then ends the fill.
    /// </summary>
    public string? FillEach { get; init; }
}

/// <summary>Read-only scans that end in a verdict.</summary>
public sealed record VerifyStep : Step
{
    /// <summary>What is checked, in order.</summary>
    public required IReadOnlyList<VerifyCheck> Checks { get; init; }

    /// <summary>
    /// Counts for all checks that go by ranges in one scan of the same rows: rows compared, and mismatches in the
    /// checks' order. Null where each is asked by its own query.
    /// </summary>
    public string? Counts { get; init; }

    /// <summary>The backfill to run again when any check finds rows; null for none.</summary>
    public string? RepairedBy { get; init; }

    /// <summary>
    /// True if running apps may still write rows that it finds: a few that appeared after the repair are reported and
    /// left.
    /// </summary>
    public bool IsMoving { get; init; }

    /// <summary>
    /// True if an app may have written such rows on purpose: they stop the run once, and are left when somebody
    /// continues.
    /// </summary>
    public bool MayStay { get; init; }

    internal override bool RecordCommitsWithIt => true;

    internal override IEnumerable<string> Relations() =>
        base.Relations().Concat(Checks.Select(check => check.Relation));

    /// <inheritdoc/>
    public override T Accept<T>(IStepVisitor<T> visitor) => visitor.Verify(this);
}

/// <summary>One check of every row.</summary>
public sealed record VerifyCheck
{
    /// <summary>The checked statement, in words.</summary>
    public required string Claim { get; init; }

    /// <summary>The table or partition whose rows are checked.</summary>
    public required string Relation { get; init; }

    /// <summary>
    /// A condition on a row of the relation: true for a row that fails the check. Null if rows are not checked one by
    /// one.
    /// </summary>
    public string? Mismatch { get; init; }

    /// <summary>
    /// The backfill to run again when this check finds rows that it should have filled; null for none.
    /// </summary>
    public string? RepairedBy { get; init; }

    /// <summary>
    /// Over a range or, when <see cref="WholeTable"/>, over the table: rows compared, mismatches, keys of some of
    /// them.
    /// </summary>
    public required string Query { get; init; }

    /// <summary>
    /// The same question in ever smaller parts of a range, around rows for which it raises an error: those are
    /// mismatches too. Session settings tell it the range, and what it found. Null where it is asked of the whole
    /// table, or the plan was made before there was such a statement.
    /// </summary>
    public string? QueryEach { get; init; }

    /// <summary>True if the check cannot run range by range, as for duplicates.</summary>
    public bool WholeTable { get; init; }

    /// <summary>
    /// True if it calls a function that a read-only transaction may refuse, such as nextval; it is rolled back anyway.
    /// </summary>
    public bool CallsVolatile { get; init; }

    /// <summary>What to do about mismatches.</summary>
    public required string Remedy { get; init; }
}

/// <summary>Waits until somebody continues the change.</summary>
public sealed record GateStep : Step
{
    /// <summary>What must be true before it opens, and who opens it.</summary>
    public required GatePolicy Policy { get; init; }

    /// <summary>Its conditions in words.</summary>
    [JsonIgnore]
    public string WaitsFor => string.Join("; ", Policy.Conditions.Select(condition => condition.Says));

    internal override bool RecordCommitsWithIt => true;

    /// <inheritdoc/>
    public override T Accept<T>(IStepVisitor<T> visitor) => visitor.Gate(this);
}
