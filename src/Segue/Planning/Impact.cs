using System.Text.Json.Serialization;

namespace Segue.Planning;

/// <summary>The effects of a step on tables and on the apps that use them.</summary>
public sealed record Impact
{
    /// <summary>The locks it takes; none for a step that only waits.</summary>
    public required IReadOnlyList<RelationLock> Locks { get; init; }

    /// <summary>What it costs.</summary>
    public required Cost Cost { get; init; }

    /// <summary>False if no undo can restore the state before.</summary>
    public bool Reversible { get; init; } = true;

    /// <summary>How far the locks that block anything reach; the relation where there are none.</summary>
    [JsonIgnore]
    public LockReach Reach =>
        Locks.Where(held => held.Blocks != Blocks.Nothing).Select(held => held.Reach).DefaultIfEmpty().Max();

    /// <summary>What the locks together block.</summary>
    public Blocks Blocks => Locks.Count == 0 ? Blocks.Nothing : Locks.Max(held => held.Blocks);
}

/// <summary>The strongest lock a step takes on one relation.</summary>
/// <param name="Relation">Schema-qualified, quoted where needed. Where the lock reaches further, what the step is
/// about.</param>
/// <param name="Mode">The engine's own name, e.g. <c>EXCLUSIVE</c>.</param>
/// <param name="Blocks">What an app cannot do meanwhile.</param>
public sealed record RelationLock(string Relation, string Mode, Blocks Blocks)
{
    /// <summary>
    /// Whose reads and writes it blocks. Default, and then not written: those of the relation.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public LockReach Reach { get; init; }

    /// <summary>An app that uses the relation has to wait for it.</summary>
    internal bool IsFeltOn(string relation) =>
        Blocks != Blocks.Nothing && (Reach != LockReach.Relation || Relation == relation);
}

/// <summary>What a lock blocks, weakest first.</summary>
public enum Blocks
{
    /// <summary>Neither reads nor writes.</summary>
    Nothing,

    /// <summary>Writes, and no reads.</summary>
    Writes,

    /// <summary>Reads and writes.</summary>
    ReadsAndWrites,
}

/// <summary>How the work grows.</summary>
public enum Cost
{
    /// <summary>Catalog only: independent of the table's size.</summary>
    Metadata,

    /// <summary>Reads every row.</summary>
    Scan,

    /// <summary>Reads a sample of the rows.</summary>
    Sample,

    /// <summary>Builds an index.</summary>
    Build,

    /// <summary>Reads every row and writes those to be filled, in small transactions.</summary>
    Batches,

    /// <summary>Rewrites the table under its lock; planned only for tiny tables.</summary>
    Rewrite,

    /// <summary>Waits for a person or a policy.</summary>
    Wait,
}

/// <summary>The expected cost of a step on this table, now. Not part of the plan's hash.</summary>
/// <param name="Rows">Rows of the table, as the server estimates.</param>
/// <param name="Bytes">The table's size, without indexes.</param>
/// <param name="Seconds">A rough duration; the basis is in <paramref name="Basis"/>.</param>
public sealed record Estimate(long Rows, long Bytes, double Seconds, string Basis);
