using System.Text;
using Segue.Changes.Keys;
using Segue.Yaml;

namespace Segue.Changes.Files;

/// <summary>Change files to go on writing: every key with what it means.</summary>
internal static class ChangeTemplate
{
    private const int KeyIndent = 6;

    /// <summary>
    /// A change of one operation, for <see cref="ChangeFileReader"/> to read: the given values; examples for required
    /// keys that lack one; and the typical keys, unless other optional ones are given.
    /// </summary>
    /// <param name="kind">One of <see cref="ChangeKind.All"/>.</param>
    /// <param name="given">Values by key, in the key's form.</param>
    public static string Draft(ChangeKind kind, IReadOnlyDictionary<string, string> given)
    {
        HashSet<ChangeKindKey> examples = [.. Examples(kind, given)];
        IEnumerable<string> lines = kind
            .Keys.Where(key => given.ContainsKey(key.Name) || examples.Contains(key))
            .SelectMany(key =>
                CommentedText.Lines(key.Name, key.Form, given.GetValueOrDefault(key.Name) ?? key.Example)
            );
        string margin = new(' ', KeyIndent);
        return $"operations:\n  - {kind.Name}:\n{string.Concat(lines.Select(line => $"{margin}{line}\n"))}";
    }

    /// <summary>The keys for which <see cref="Draft"/> takes an example's value.</summary>
    /// <param name="kind">One of <see cref="ChangeKind.All"/>.</param>
    /// <param name="given">Values by key, in the key's form.</param>
    public static IEnumerable<ChangeKindKey> Examples(ChangeKind kind, IReadOnlyDictionary<string, string> given)
    {
        bool isChosen = kind.Keys.Any(key => !key.IsRequired && given.ContainsKey(key.Name));
        return kind.Keys.Where(key => !given.ContainsKey(key.Name) && (key.IsRequired || (key.IsTypical && !isChosen)));
    }

    /// <summary>The text of a change file with one operation, every key explained.</summary>
    /// <param name="description">What the change is for; null leaves the key as a comment.</param>
    /// <param name="operation">The operation.</param>
    public static string Write(string? description, Operation operation)
    {
        StringBuilder text = new($"# yaml-language-server: $schema=./{ChangeSchema.FileName}\n");
        text.Append(
            description is null
                ? "# description: What the change is for, in a sentence.\n"
                : $"{CommentedText.Lines("description", KeyForm.Text, description).Single()}\n"
        );
        ChangeKind kind = OperationValue.KindOf(operation);
        text.Append("operations:\n");
        CommentedText.AppendComment(text, kind.Description, indent: 2);
        text.Append("  - ").Append(kind.Name).Append(":\n");
        return text.Append(OperationValue.Commented(operation, KeyIndent)).ToString();
    }
}
