using Segue.Changes;
using Segue.Engines;

namespace Segue.Planning.Assembly;

/// <summary>What was found so far about a change that is being planned. Knows no server.</summary>
public sealed class PlanDraft(Change change, PlanOptions options)
{
    private readonly Dictionary<Claim, Operation> _claims = [];
    private readonly Dictionary<string, Operation> _moved = [];
    private readonly List<(string Relation, Operation By)> _movedParts = [];

    /// <summary>The change that is being planned.</summary>
    public Change Change => change;

    /// <summary>The options it is planned with.</summary>
    public PlanOptions Options => options;

    /// <summary>
    /// False for a table that one short transaction must not do everything to: it is too large, or the change takes the
    /// road of a large one.
    /// </summary>
    /// <param name="bytes">What is read of it, in bytes.</param>
    public bool IsSmall(long bytes) => !options.Staged && !change.Staged && bytes <= options.SmallTableBytes;

    /// <summary>Why the change does not fit the target.</summary>
    public List<Problem> Invalid { get; } = [];

    /// <summary>Why it cannot be done safely.</summary>
    public List<Problem> Refused { get; } = [];

    /// <summary>What a reader of the plan must know.</summary>
    public List<Hazard> Hazards { get; } = [];

    /// <summary>What is left for people to do once the change is completed, in sentences.</summary>
    public List<string> Afterwards { get; } = [];

    /// <summary>Settings of the session that values depend on, set in every transaction of the plan.</summary>
    public Dictionary<string, string> Settings { get; } = [];

    /// <summary>The fingerprint lines that the change alters itself.</summary>
    public ExpectedDrift Drift { get; } = new();

    /// <summary>The operation's place in the change: see <see cref="Step.Operations"/>.</summary>
    public int PlaceOf(Operation operation) =>
        change.Operations.Index().First(each => ReferenceEquals(each.Item, operation)).Index;

    /// <summary>What the operations are about.</summary>
    public IReadOnlyCollection<Claim> Claims => _claims.Keys;

    /// <summary>True if there will be no plan.</summary>
    public bool HasProblems => Invalid.Count > 0 || Refused.Count > 0;

    /// <summary>
    /// False, with a problem, where an earlier operation of the change is about the same thing: each is planned as it
    /// stands now.
    /// </summary>
    public bool Claim(Claim thing, Operation by)
    {
        if (_claims.TryAdd(thing, by))
        {
            return true;
        }

        Invalid.Add(
            new Problem(
                by.Title,
                $"`{_claims[thing].Title}` of the same change works on this {WordFor(thing.Kind)} as well.",
                "Keep one of the two, or split them into two changes."
            )
        );
        return false;
    }

    private static string WordFor(ClaimKind kind) =>
        kind is ClaimKind.Options or ClaimKind.Partition ? "table" : Text.SnakeCase(kind);

    /// <summary>
    /// The operation moves or drops the relation as a whole: no other operation of the change, and no other change in
    /// progress, can be about it.
    /// </summary>
    /// <param name="relation">Qualified and quoted.</param>
    /// <param name="parts">Its partitions: no other change in progress can be about them.</param>
    public void Moves(string relation, IEnumerable<string> parts, Operation by)
    {
        _moved.Add(relation, by);
        _movedParts.AddRange(parts.Select(part => (part, by)));
    }

    /// <summary>What it moves or drops, parts included, and by which operation.</summary>
    internal IEnumerable<(string Relation, Operation By)> Moved =>
        _moved.Select(each => (each.Key, each.Value)).Concat(_movedParts);

    /// <summary>The operation that moves the relation; null for none.</summary>
    public Operation? MoverOf(string relation) => _moved.GetValueOrDefault(relation);

    /// <summary>No steps, with the reason: the engine does not have the operation's kind.</summary>
    /// <param name="engine">As people write it.</param>
    /// <param name="wayOut">What to do instead, as a sentence.</param>
    public IReadOnlyList<StagedStep> NotOffered(Operation operation, string engine, string wayOut)
    {
        string kind = operation.Title.Split(' ')[0];
        Refused.Add(new Problem(operation.Title, $"{engine} does not support `{kind}`.", wayOut));
        return [];
    }
}
