using System.Globalization;
using System.Text.Json.Nodes;
using Segue.Yaml;

namespace Segue.Settings;

/// <summary><c>10%</c>, <c>1GB</c>, or both as <c>10%/1GB</c>.</summary>
internal sealed class FreeDiskValue : Value<FreeDisk>
{
    public override Node Write(FreeDisk value)
    {
        string?[] parts =
        [
            value.Percent is { } percent ? $"{percent}%" : null,
            value.Bytes is { } bytes ? SizeValue.Text(bytes) : null,
        ];
        return new ScalarNode(Position.WholeFile, string.Join('/', parts.OfType<string>()), Plain: false);
    }

    public override JsonObject Schema() =>
        new()
        {
            ["type"] = "string",
            ["pattern"] = "^([0-9]+%|[0-9]+ *(B|kB|MB|GB|TB)|[0-9]+%/[0-9]+ *(B|kB|MB|GB|TB))$",
        };

    protected override FreeDisk ReadNode(Node node, string what, Problems problems)
    {
        if (node is ScalarNode scalar)
        {
            FreeDisk? free = scalar.Text.Split('/') switch
            {
                [var one] when Percent(one) is { } percent => new FreeDisk(percent, null),
                [var one] when Bytes(one) is { } bytes => new FreeDisk(null, bytes),
                [var share, var size] => Percent(share) is { } percent && Bytes(size) is { } bytes
                    ? new FreeDisk(percent, bytes)
                    : null,
                _ => null,
            };
            if (free is not null)
            {
                return free;
            }
        }

        string found = node is ScalarNode text ? $"'{Excerpt.Of(text.Text)}'" : node.Noun;
        string message = $"'{what}' must be a share from 1% to 99%, a size, or both, not {found}";
        problems.Add(node.Position, message, "Write 10%, 1GB or 10%/1GB.");
        return new FreeDisk(null, null);
    }

    private static int? Percent(string text) =>
        text.EndsWith('%')
        && int.TryParse(
            text.AsSpan(0, text.Length - 1),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out int percent
        )
        && percent is > 0 and < 100
            ? percent
            : null;

    private static long? Bytes(string text) => SizeValue.TryParse(text, out long bytes) && bytes > 0 ? bytes : null;
}
