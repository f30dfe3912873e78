using System.Text.Json.Nodes;

namespace Segue.Yaml;

/// <summary>
/// One type of value a key can have: how it is read, how written, and what the JSON Schema says about it.
/// </summary>
internal abstract class Value<T>
    where T : notnull
{
    /// <summary>What to do about <c>key:</c> with nothing behind it.</summary>
    public virtual string NullRemedy => "Write its value, or leave the key out.";

    /// <summary>How it is given on a command line.</summary>
    public virtual KeyForm Form => KeyForm.Yaml;

    /// <param name="node">What stands there.</param>
    /// <param name="what">The key's name, for messages.</param>
    /// <param name="problems">Takes the mistakes found.</param>
    /// <returns>After a mistake: any value, null too; nobody uses it.</returns>
    public T Read(Node node, string what, Problems problems)
    {
        switch (node)
        {
            case RefusedNode:
                return default!;
            case ScalarNode { IsNull: true }:
                problems.Add(node.Position, $"'{what}' has no value", NullRemedy);
                return default!;
            default:
                return ReadNode(node, what, problems);
        }
    }

    /// <summary>Reads text that stands in no file.</summary>
    /// <exception cref="FormatException">The text is no such value; the message has the way out.</exception>
    public T Parse(string text, string what)
    {
        Problems problems = new("");
        T value = Read(new ScalarNode(Position.WholeFile, text, Plain: false), what, problems);
        return problems.None
            ? value
            : throw new FormatException(
                string.Join(' ', problems.InOrder.Select(error => $"{error.Message}. {error.Remedy}"))
            );
    }

    /// <summary>The node that reads back to <paramref name="value"/>.</summary>
    public abstract Node Write(T value);

    public abstract JsonObject Schema();

    /// <summary>Keys inside the value that not every target has.</summary>
    public virtual IEnumerable<KeyNeed> Needs(T value) => [];

    protected abstract T ReadNode(Node node, string what, Problems problems);
}
