namespace Segue.Planning;

/// <summary>
/// The complete, ordered answer to <em>how</em>, as plain data: what is printed, hashed, reviewed, run and resumed.
/// Its hash (<see cref="PlanJson.Hash(Plan)"/>) covers everything but estimates and hazards.
/// </summary>
public sealed record Plan
{
    /// <summary>
    /// The newest plan format this Segue knows. Raised whenever a member is added that an older Segue must not ignore.
    /// </summary>
    public const int NewestFormat = 2;

    /// <summary>The plan format's version. A newer Segue reads older plans; an older one refuses newer plans.</summary>
    public int Format { get; init; } = NewestFormat;

    public required string Change { get; init; }

    /// <summary>SHA-256 of the change file the plan was made from.</summary>
    public required string ChangeHash { get; init; }

    /// <summary>The engine that planned and must run it, e.g. <c>postgresql</c>.</summary>
    public required string Engine { get; init; }

    /// <summary>The server's major version the plan was made for.</summary>
    public required int ServerVersion { get; init; }

    public required Limits Limits { get; init; }

    /// <summary>The schemas names in expressions resolve to, in order; set in every transaction of the plan.</summary>
    public required IReadOnlyList<string> SearchPath { get; init; }

    /// <summary>
    /// Settings of the session that a value's text, and a constant's meaning, depend on, such as the time zone; set in
    /// every transaction of the plan.
    /// </summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    public required IReadOnlyList<Stage> Stages { get; init; }

    /// <summary>What the reader must know: effects no tool can prevent, and what was found on the target.</summary>
    public IReadOnlyList<Hazard> Hazards { get; init; } = [];

    /// <summary>
    /// The touched tables as the planner saw them, one line per table, column, constraint and trigger.
    /// A line that is gone or altered when a stage begins is drift; added lines are not.
    /// </summary>
    public required IReadOnlyList<string> Fingerprint { get; init; }

    /// <summary>
    /// What it is about, such as <c>column public.orders.note</c>: no other change is about the same until it is
    /// completed or rolled back.
    /// </summary>
    public IReadOnlyList<string> Takes { get; init; } = [];

    /// <summary>
    /// How lines of a fingerprint begin that it alters: those of other changes under way count them as unaltered.
    /// </summary>
    public IReadOnlyList<string> Alters { get; init; } = [];

    /// <summary>What is left for people to do once the change is completed, in sentences.</summary>
    public IReadOnlyList<string> Afterwards { get; init; } = [];

    /// <summary>Every step of every stage, in order.</summary>
    public IEnumerable<Step> Steps() => Stages.SelectMany(stage => stage.Steps);

    /// <summary>The steps of one stage, in order; none where the plan does not have it.</summary>
    public IEnumerable<Step> Steps(StageName name) =>
        Stages.Where(stage => stage.Name == name).SelectMany(stage => stage.Steps);
}
