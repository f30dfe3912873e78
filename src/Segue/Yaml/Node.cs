namespace Segue.Yaml;

/// <summary>
/// A YAML value and its place. Unlike in YamlDotNet's own model, duplicate keys stay, so that they can be reported.
/// </summary>
internal abstract record Node(Position Position)
{
    /// <summary>What a person would call it.</summary>
    public abstract string Noun { get; }
}

/// <param name="Position">Where it stands; for an empty value, where its key stands.</param>
/// <param name="Text">As YAML reads it: quotes removed, escapes resolved.</param>
/// <param name="Plain">Written without quotes.</param>
internal sealed record ScalarNode(Position Position, string Text, bool Plain) : Node(Position)
{
    public bool IsNull => Plain && (Text is "" or "~" or "null" or "Null" or "NULL");

    public override string Noun => IsNull ? "nothing" : "text";
}

internal sealed record ListNode(Position Position, IReadOnlyList<Node> Items) : Node(Position)
{
    public override string Noun => "a list";
}

internal sealed record MapNode(Position Position, IReadOnlyList<MapEntry> Entries) : Node(Position)
{
    public override string Noun => "a map";
}

internal sealed record MapEntry(Position Position, string Key, Node Value);

/// <summary>Replaces a value that was refused and reported: nothing more is reported about it.</summary>
internal sealed record RefusedNode(Position Position) : Node(Position)
{
    public override string Noun => "something refused";
}
