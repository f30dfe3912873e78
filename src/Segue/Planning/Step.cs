using System.Text.Json.Serialization;

namespace Segue.Planning;

/// <summary>One thing the runner does. The runner knows these kinds and no change kinds.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DdlStep), "ddl")]
[JsonDerivedType(typeof(OnlineStep), "online")]
[JsonDerivedType(typeof(BackfillStep), "backfill")]
[JsonDerivedType(typeof(VerifyStep), "verify")]
[JsonDerivedType(typeof(GateStep), "gate")]
public abstract record Step
{
    /// <summary>
    /// Unique in the plan, stable over planning again, e.g. <c>enforce/public.orders/not-null-validate</c>.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>What it does, in a line.</summary>
    public required string Title { get; init; }

    public required Impact Impact { get; init; }

    /// <summary>A catalog query with one boolean: is it already applied? Null where only the ledger can know.</summary>
    public string? Applied { get; init; }

    /// <summary>What of somebody else's making would be in the way; null where nothing can be.</summary>
    public Obstacle? Obstacle { get; init; }

    /// <summary>Other changes that must end before it is taken back; null where none could.</summary>
    public BuiltOn? BuiltOn { get; init; }

    /// <summary>What takes it back, in order; each is asked first whether there is anything to take back.</summary>
    public IReadOnlyList<Step> Undo { get; init; } = [];

    /// <summary>Once it is done, nothing reverts it.</summary>
    internal bool CannotBeUndone => Undo.Count == 0 && this is not (BackfillStep or VerifyStep);

    /// <summary>
    /// Of an undo: what is told, before the reason, where it cannot be done and the rollback goes on without it. Null
    /// where it must be done.
    /// </summary>
    public string? Lacking { get; init; }

    /// <summary>What it keeps aside of what it takes away; null where nothing is kept.</summary>
    public Retention? Keeps { get; init; }

    /// <summary>Not part of the plan's hash.</summary>
    public Estimate? Estimate { get; init; }
}

/// <summary>Statements in one short transaction under the lock limits.</summary>
public sealed record DdlStep : Step
{
    /// <summary>
    /// Taken first, patiently: locks that block no app and make whoever holds a conflicting background lock yield.
    /// </summary>
    public IReadOnlyList<string> PatientLocks { get; init; } = [];

    /// <summary>
    /// Taken next, under the lock timeout: the strong locks, so that waiting and holding are told apart.
    /// </summary>
    public IReadOnlyList<string> Locks { get; init; } = [];

    public required IReadOnlyList<string> Statements { get; init; }

    /// <summary>
    /// Its statements are somebody else's: before they are committed their locks are compared with those of
    /// <see cref="Step.Impact"/>, and one that is not stated there takes it all back.
    /// </summary>
    public bool IsWatched { get; init; }
}

/// <summary>One statement outside a transaction that takes its time and blocks no app.</summary>
public sealed record OnlineStep : Step
{
    public required string Statement { get; init; }

    /// <summary>What a failed attempt leaves behind, and how it is cleared; null where nothing is left.</summary>
    public Residue? Residue { get; init; }

    /// <summary>
    /// The step to take back when this one fails on rows: what it made must not go on rejecting an app's rows until
    /// somebody comes. Null for none.
    /// </summary>
    public string? TakesBack { get; init; }

    /// <summary>
    /// A query for one row (<c>done</c>, <c>total</c>, <c>phase</c>) while the statement runs; null where the server
    /// tells nothing.
    /// </summary>
    public string? Progress { get; init; }

    /// <summary>
    /// The constraint that it proves by asking each row by itself, as its statement names it: one scan can prove
    /// several.
    /// Null for anything else.
    /// </summary>
    public string? Proves { get; init; }

    /// <summary>
    /// What it does in one go, one by one: run in its place where a part is applied already. Null where it does one
    /// thing.
    /// </summary>
    public IReadOnlyList<OnlineStep>? Parts { get; init; }
}

/// <param name="Exists">A catalog query with one boolean: did a failed attempt of this step leave something?</param>
/// <param name="Clear">The statement, outside a transaction, that removes it.</param>
public sealed record Residue(string Exists, string Clear);

/// <param name="Exists">A catalog query with one boolean: is something there that is not of this change?</param>
/// <param name="What">What it is, and what to do.</param>
public sealed record Obstacle(string Exists, string What)
{
    /// <summary>Where it may be one of several: each by itself, to tell which it is. Null for a single one.</summary>
    public IReadOnlyList<Obstacle>? Each { get; init; }
}

/// <param name="Changes">A catalog query for the names of changes that build on the step.</param>
/// <param name="What">What they do with it, in words that follow their names.</param>
public sealed record BuiltOn(string Changes, string What);

/// <summary>Fills rows in many small transactions.</summary>
public sealed record BackfillStep : Step
{
    /// <summary>One per physical table: the table itself, or each partition.</summary>
    public required IReadOnlyList<BackfillTarget> Targets { get; init; }

    /// <summary>
    /// True when another step has filled nearly all rows before: its rows are not counted again as rows to fill.
    /// </summary>
    public bool IsSweep { get; init; }
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

    /// <summary>How many sessions fill a batch together while no app is at work. Default 1.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>
    /// Fills the rows of one pass over a range. How a statement is told its range is the engine's affair.
    /// </summary>
    public required string FillPart { get; init; }

    /// <summary>Fills what is left of a range.</summary>
    public required string FillRest { get; init; }

    /// <summary>The same, skipping rows an app has locked.</summary>
    public required string FillUnlocked { get; init; }

    /// <summary>Counts what is left of a range.</summary>
    public required string CountLeft { get; init; }

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
    public required IReadOnlyList<VerifyCheck> Checks { get; init; }

    /// <summary>
    /// Counts for all checks that go by ranges in one scan of the same rows: rows compared, and mismatches in the
    /// checks' order. Null where each is asked by its own query.
    /// </summary>
    public string? Counts { get; init; }

    /// <summary>The backfill to run again when any check finds rows; null for none.</summary>
    public string? RepairedBy { get; init; }

    /// <summary>
    /// True when running apps may go on writing rows that it finds: few that came since the repair are told and left.
    /// </summary>
    public bool IsMoving { get; init; }

    /// <summary>
    /// True when an app may have meant the rows that it finds: they stop the run once, and are left when somebody goes
    /// on.
    /// </summary>
    public bool MayStay { get; init; }
}

/// <summary>One question to every row.</summary>
public sealed record VerifyCheck
{
    /// <summary>What a mismatch means, in words.</summary>
    public required string Claim { get; init; }

    public required string Relation { get; init; }

    /// <summary>
    /// A condition on a row of the relation: the claim does not hold for it. Null where rows are not asked one by one.
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

    /// <summary>True when the question cannot be asked range by range, as for duplicates.</summary>
    public bool WholeTable { get; init; }

    /// <summary>
    /// True when it calls what a read-only transaction may refuse, as the next number of a sequence; it is rolled back
    /// all the same.
    /// </summary>
    public bool CallsVolatile { get; init; }

    /// <summary>What to do about mismatches.</summary>
    public required string Remedy { get; init; }
}

/// <summary>Waits until somebody says go.</summary>
public sealed record GateStep : Step
{
    /// <summary>What must be true before it is passed.</summary>
    public required string WaitsFor { get; init; }
}
