using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Segue.Yaml;

/// <summary>
/// Text to nodes. What YAML allows but no reader of the file should have to follow (anchors, aliases, tags, several
/// documents)
/// is refused and reported.
/// </summary>
internal sealed class NodeReader
{
    // Files of ours are five deep; the limit keeps a hostile file from exhausting the stack.
    private const int MostDepth = 32;

    private readonly Parser _parser;
    private readonly Problems _problems;

    private NodeReader(string text, Problems problems)
    {
        _parser = new Parser(new StringReader(text));
        _problems = problems;
    }

    /// <returns>Null for a file that is empty or is not YAML; the latter is reported.</returns>
    public static Node? Read(string text, Problems problems)
    {
        try
        {
            return new NodeReader(text, problems).ReadDocument();
        }
        catch (YamlException fault)
        {
            Report(fault, text, problems);
            return null;
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException)
        {
            // Faults of YamlDotNet 16.3.0 on text like "...%TAG ! a" and "!<>".
            problems.Add(
                new Position(1, 1),
                "this is not YAML",
                "Remove tags (!), and lines that begin with '%' or '...'."
            );
            return null;
        }
    }

    private Node? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
        {
            return null;
        }

        Node root = ReadNode(depth: 0, owner: null);
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out DocumentStart? second))
        {
            _problems.Add(
                At(second),
                "the file holds a second document",
                "Put it into a file of its own, and remove the line '---'."
            );
        }

        return root is ScalarNode { IsNull: true } ? null : root;
    }

    private Node ReadNode(int depth, Position? owner)
    {
        ParsingEvent current = _parser.Consume<ParsingEvent>();
        RefuseExtras(current);
        return current switch
        {
            AnchorAlias => new RefusedNode(At(current)),
            Scalar { Value: "", Style: ScalarStyle.Plain } => new ScalarNode(owner ?? At(current), "", Plain: true),
            Scalar scalar => new ScalarNode(At(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain),
            _ when depth >= MostDepth => throw new YamlException(
                current.Start,
                current.End,
                $"nested more than {MostDepth} deep"
            ),
            SequenceStart => ReadList(At(current), depth),
            MappingStart => ReadMap(At(current), depth),
            _ => throw new YamlException(current.Start, current.End, "a value is missing"),
        };
    }

    private ListNode ReadList(Position start, int depth)
    {
        List<Node> items = [];
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode(depth + 1, owner: null));
        }

        return new ListNode(start, items);
    }

    private MapNode ReadMap(Position start, int depth)
    {
        List<MapEntry> entries = [];
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            Node key = ReadNode(depth + 1, owner: null);
            Node value = ReadNode(depth + 1, owner: key.Position);
            if (key is ScalarNode name)
            {
                entries.Add(new MapEntry(key.Position, name.Text, value));
            }
            else
            {
                string message = $"a key must be a word, not {key.Noun}";
                _problems.Add(key.Position, message, "Write 'key: value'. Text that begins with [ or { needs quotes.");
            }
        }

        return new MapNode(start, entries);
    }

    private void RefuseExtras(ParsingEvent current)
    {
        if (current is AnchorAlias alias)
        {
            Refuse(
                current,
                $"the alias '*{Excerpt.Of(alias.Value.Value)}'",
                "Repeat the value, or quote the text if the * belongs to it."
            );
        }
        else if (current is NodeEvent { Anchor: { IsEmpty: false } anchor })
        {
            Refuse(
                current,
                $"the anchor '&{Excerpt.Of(anchor.Value)}'",
                "Remove it, or quote the text if the & belongs to it."
            );
        }

        if (current is NodeEvent { Tag: { IsEmpty: false } tag })
        {
            Refuse(
                current,
                $"the tag '{Excerpt.Of(tag.ToString())}'",
                "Remove it, or quote the text if the ! belongs to it."
            );
        }
    }

    private void Refuse(ParsingEvent current, string what, string remedy) =>
        _problems.Add(At(current), $"{what} is not allowed", remedy);

    private static void Report(YamlException fault, string text, Problems problems)
    {
        string[] lines = text.TrimEnd().Split('\n');
        int line = (int)fault.Start.Line;

        // YamlDotNet places a tab where the map began that it stands in.
        int last = fault.Message.Contains("tab", StringComparison.Ordinal)
            ? lines.Length
            : Math.Min(line, lines.Length);
        for (int i = line; i <= last; i++)
        {
            int tab = lines[i - 1]
                .AsSpan(0, lines[i - 1].Length - lines[i - 1].AsSpan().TrimStart().Length)
                .IndexOf('\t');
            if (tab >= 0)
            {
                problems.Add(
                    new Position(i, tab + 1),
                    "the line is indented with a tab",
                    "Indent with spaces; YAML allows no tabs there."
                );
                return;
            }
        }

        Position at =
            line <= lines.Length
                ? new Position(line, (int)fault.Start.Column)
                : new Position(lines.Length, lines[^1].Length + 1);
        problems.Add(
            at,
            $"this is not YAML: {fault.Message.TrimEnd('.')}",
            "Check indentation and quotes. Text that begins with a quote or contains ': ' is quoted as "
                + "a whole: default: \"'a'::text\"."
        );
    }

    private static Position At(ParsingEvent at) => new((int)at.Start.Line, (int)at.Start.Column);
}
