using System.Text.Json.Serialization;

namespace Segue.Planning;

/// <summary>
/// What a person can do next, as data: a command line shows it as a command, a web page as a button.
/// </summary>
/// <param name="Verb">What to do.</param>
/// <param name="Change">The change's name; null where the verb is about the whole database.</param>
public sealed record NextAction(
    [property: JsonConverter(typeof(SnakeCase<NextVerb>))] NextVerb Verb,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Change
)
{
    /// <summary>Plan and apply the change as that of a large table, in stages, however small its table is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool InStages { get; init; }

    /// <summary>Purge also what is to be kept longer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AtOnce { get; init; }

    /// <summary>Complete the change although old code writes; it needs a reason.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool AlthoughOldCodeWrites { get; init; }

    /// <summary>Show the change's plan.</summary>
    public static NextAction Plan(string change) => new(NextVerb.Plan, change);

    /// <summary>Run or resume the change.</summary>
    public static NextAction Apply(string change) => new(NextVerb.Apply, change);

    /// <summary>Pass the change's gate and finish it.</summary>
    public static NextAction Complete(string change) => new(NextVerb.Complete, change);

    /// <summary>Roll the change back.</summary>
    public static NextAction Rollback(string change) => new(NextVerb.Rollback, change);

    /// <summary>Permanently drop the tables and columns that the change keeps.</summary>
    /// <param name="change">Null: list what is kept.</param>
    public static NextAction Purge(string? change) => new(NextVerb.Purge, change);

    /// <summary>Resume a paused change.</summary>
    public static NextAction Resume(string change) => new(NextVerb.Resume, change);

    /// <summary>Show the state of the change.</summary>
    /// <param name="change">Null: all changes.</param>
    public static NextAction Status(string? change) => new(NextVerb.Status, change);

    /// <summary>Examine the server, the role and the ledger.</summary>
    public static NextAction Doctor { get; } = new(NextVerb.Doctor, null);

    /// <summary>Create the ledger, or what is missing of it.</summary>
    public static NextAction Init { get; } = new(NextVerb.Init, null);
}
