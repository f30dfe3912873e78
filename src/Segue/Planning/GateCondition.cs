using System.Text.Json.Serialization;

namespace Segue.Planning;

/// <summary>One thing that must be true before a gate opens.</summary>
/// <param name="Evidence">What must be true of the objects.</param>
/// <param name="Objects">
/// What it is about, as people name it: <c>orders.currency</c>, <c>index orders_region_idx</c>. None where
/// <see cref="Condition"/> says it all.
/// </param>
public sealed record GateCondition(GateEvidence Evidence, IReadOnlyList<string> Objects)
{
    /// <summary>What takes the objects' place; null for nothing.</summary>
    public string? By { get; init; }

    /// <summary>The author's own condition, or which rows of the objects; null for none.</summary>
    public string? Condition { get; init; }

    /// <summary>What the engine knows beside that, in words: what fails otherwise, or how to prepare.</summary>
    public string? Detail { get; init; }

    /// <summary>The relation it is about, qualified and quoted; null where it is about none.</summary>
    public string? Relation { get; init; }

    /// <summary>The condition in words that follow <c>waits for</c>.</summary>
    [JsonIgnore]
    public string Says => Detail is null ? Sentence : $"{Sentence}: {Detail}";

    private string Sentence =>
        Evidence switch
        {
            GateEvidence.WrittenByApp => $"every running version of the app to write {Named} itself",
            GateEvidence.NewNameUsed => $"every running version of the app to use {By} instead of {Named}",
            GateEvidence.NullAccepted => $"every running version of the app to accept NULL in {Named}",
            GateEvidence.PreparedAgain =>
                $"sessions with prepared statements that return {Named} to be ready to prepare them again",
            GateEvidence.NotUsed when By is not null =>
                $"no running version of the app to need {Named}, or already {By}",
            GateEvidence.NotUsed => $"no running version of the app to need {Named}",
            GateEvidence.RowsNotNeeded => $"no running version of the app to need rows of {Named} where {Condition}",
            GateEvidence.AuthorsCondition => Condition ?? "",
            _ => throw new InvalidOperationException($"{Evidence} has no words."),
        };

    private string Named => string.Join(", ", Objects);
}
