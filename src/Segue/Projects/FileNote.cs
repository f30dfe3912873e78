using System.Text.Json.Serialization;
using Segue.Planning;

namespace Segue.Projects;

/// <summary>What is odd about a change's file, given what the ledger knows of the change.</summary>
/// <param name="Change">The change's name.</param>
/// <param name="Kind">What kind of oddity.</param>
/// <param name="What">It, in words.</param>
/// <param name="Remedy">What to do.</param>
public sealed record FileNote(
    string Change,
    [property: JsonConverter(typeof(SnakeCase<FileNoteKind>))] FileNoteKind Kind,
    string What,
    string Remedy
)
{
    /// <summary>What can be done next. Default none: the remedy says it all.</summary>
    public IReadOnlyList<NextAction> Next { get; init; } = [];

    /// <summary>What and remedy, as sentences.</summary>
    public override string ToString() => $"{char.ToUpperInvariant(What[0])}{What[1..]} {Remedy}";
}
