using System.Text.Json.Serialization;

namespace Segue.Planning;

/// <summary>
/// The complete, ordered answer to <em>how</em>, as plain data: what is printed, hashed, reviewed, run and resumed.
/// Its hash (<see cref="PlanJson.Hash(Plan)"/>) covers everything but estimates and hazards.
/// </summary>
public sealed record Plan
{
    /// <summary>
    /// The newest plan format this Segue supports. Raised whenever a member is added that an older Segue must not
    /// ignore.
    /// </summary>
    public const int NewestFormat = 4;

    /// <summary>The plan format's version. A newer Segue reads older plans; an older one refuses newer plans.</summary>
    public int Format { get; init; } = NewestFormat;

    /// <summary>The change's name.</summary>
    public required string Change { get; init; }

    /// <summary>SHA-256 of the change file the plan was made from.</summary>
    public required string ChangeHash { get; init; }

    /// <summary>The engine that planned and must run it, by its name in lower case.</summary>
    public required string Engine { get; init; }

    /// <summary>The server's major version the plan was made for.</summary>
    public required int ServerVersion { get; init; }

    /// <summary>How long its steps may delay an app.</summary>
    public required Limits Limits { get; init; }

    /// <summary>The search path of the plan's expressions, in order; set in every transaction of the plan.</summary>
    public required IReadOnlyList<string> SearchPath { get; init; }

    /// <summary>
    /// Settings of the session that affect the text of a value or the meaning of a constant, such as the time zone; set
    /// in every transaction of the plan.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The stages, in order; one without steps is left out.</summary>
    public required IReadOnlyList<Stage> Stages { get; init; }

    /// <summary>What the reader must know: effects that no tool can prevent, and findings on the target.</summary>
    public IReadOnlyList<Hazard> Hazards { get; init; } = [];

    /// <summary>
    /// The touched tables as the planner saw them, one line per table, column, constraint and trigger. A line that is
    /// missing or altered when a stage begins is drift; an added line is not.
    /// </summary>
    public required IReadOnlyList<string> Fingerprint { get; init; }

    /// <summary>
    /// The objects it works on: no other change works on one of them until it is completed or rolled back.
    /// </summary>
    public IReadOnlyList<Claim> Claims { get; init; } = [];

    /// <summary>
    /// Prefixes of the fingerprint lines that it alters. Other running changes do not treat these as drift.
    /// </summary>
    public IReadOnlyList<string> ExpectedDrift { get; init; } = [];

    /// <summary>What the change asks for, in the order of its file. Steps and hazards refer to it.</summary>
    public IReadOnlyList<PlannedOperation> Operations { get; init; } = [];

    /// <summary>Partitions that steps lock, with the root of each; both qualified and quoted.</summary>
    public IReadOnlyDictionary<string, string> Partitions { get; init; } = new Dictionary<string, string>();

    /// <summary>What people still have to do after the change is completed, in sentences.</summary>
    public IReadOnlyList<string> Afterwards { get; init; } = [];

    /// <summary>The hash of a plan that was stored in an older format; null for any other.</summary>
    [JsonIgnore]
    internal string? StoredHash { get; init; }

    /// <summary>Every relation that a step of it uses, undo and purge included.</summary>
    internal IReadOnlySet<string> Relations() => Steps().SelectMany(step => step.Relations()).ToHashSet();

    /// <summary>Every step of every stage, in order.</summary>
    public IEnumerable<Step> Steps() => Stages.SelectMany(stage => stage.Steps);

    /// <summary>The steps of one stage, in order; none if the plan does not have it.</summary>
    public IEnumerable<Step> Steps(StageName name) =>
        Stages.Where(stage => stage.Name == name).SelectMany(stage => stage.Steps);
}
