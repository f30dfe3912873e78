using System.Text.Json.Nodes;

namespace Segue.Yaml;

/// <summary>A map with known keys.</summary>
internal sealed class MapValue<T>(MapShape<T> shape) : Value<T>
    where T : notnull
{
    public override Node Write(T value) =>
        new MapNode(Position.WholeFile, [.. shape.Keys.Select(key => key.Write(value)).OfType<MapEntry>()]);

    public override JsonObject Schema()
    {
        JsonObject schema = new()
        {
            ["type"] = "object",
            ["description"] = shape.Description,
            ["properties"] = new JsonObject(
                shape.Keys.Select(key => KeyValuePair.Create(key.Name, (JsonNode?)key.Schema()))
            ),
            ["required"] = Names(shape.Keys.Where(key => key.Required)),
            ["additionalProperties"] = false,
        };
        if (shape.Exclusions.Count > 0)
        {
            schema["allOf"] = new JsonArray([
                .. shape.Exclusions.Select(pair => new JsonObject
                {
                    ["not"] = new JsonObject { ["required"] = Names([pair.One, pair.Other]) },
                }),
            ]);
        }

        return schema;
    }

    public override IEnumerable<KeyNeed> Needs(T value) => shape.Keys.SelectMany(key => key.NeedsOf(value));

    protected override T ReadNode(Node node, string what, Problems problems)
    {
        if (node is not MapNode map)
        {
            problems.Add(
                node.Position,
                $"'{what}' must be a map of keys, not {node.Noun}",
                $"Write its keys below it: {KnownKeys()}."
            );
            return default!;
        }

        int before = problems.Count;
        Dictionary<string, MapEntry> entries = Known(map, problems);
        ReportMissing(map, entries, ReportUnknown(map, problems), problems);
        bool complete = problems.Count == before;

        Fields<T> fields = new(entries, map.Position, problems);
        ReportExclusions(fields, problems);
        T built = shape.Build(fields);
        if (complete && problems.Count == before)
        {
            shape.Judge(built, fields);
        }

        return built;
    }

    private Dictionary<string, MapEntry> Known(MapNode map, Problems problems)
    {
        Dictionary<string, MapEntry> entries = [];
        foreach (MapEntry entry in map.Entries.Where(IsKnown))
        {
            if (!entries.TryAdd(entry.Key, entry))
            {
                int first = entries[entry.Key].Position.Line;
                string message = $"'{entry.Key}' is given twice in {shape.Name}, first on line {first}";
                problems.Add(entry.Position, message, "Keep one of the two.");
            }
        }

        return entries;
    }

    /// <returns>The keys that were probably meant.</returns>
    private HashSet<string> ReportUnknown(MapNode map, Problems problems)
    {
        HashSet<string> allMeant = [];
        foreach (MapEntry entry in map.Entries.Where(entry => !IsKnown(entry)))
        {
            string? meant =
                shape.Keys.FirstOrDefault(key => key.KnownElsewhereAs.Contains(Nearest.Normal(entry.Key)))?.Name
                ?? Nearest.To(entry.Key, shape.Keys.Select(key => key.Name));
            string message = $"unknown key '{Excerpt.Of(entry.Key)}' in {shape.Name}";
            if (meant is null)
            {
                problems.Add(entry.Position, message, $"Known keys: {KnownKeys()}.");
            }
            else
            {
                problems.Add(
                    entry.Position,
                    $"{message}; did you mean '{meant}'?",
                    $"Write '{meant}', or remove the key."
                );
                allMeant.Add(meant);
            }
        }

        return allMeant;
    }

    private void ReportMissing(
        MapNode map,
        Dictionary<string, MapEntry> entries,
        HashSet<string> meant,
        Problems problems
    )
    {
        foreach (
            Key<T> key in shape.Keys.Where(key =>
                key.Required && !entries.ContainsKey(key.Name) && !meant.Contains(key.Name)
            )
        )
        {
            string example = key.Examples.Count > 0 ? $"{key.Name}: {key.Examples[0]}" : $"{key.Name}:";
            problems.Add(map.Position, $"{shape.Name} has no '{key.Name}'", $"Add it, for example '{example}'.");
        }
    }

    private void ReportExclusions(Fields<T> fields, Problems problems)
    {
        foreach (Exclusion<T> pair in shape.Exclusions.Where(pair => fields.Has(pair.One) && fields.Has(pair.Other)))
        {
            Position one = fields.At(pair.One);
            Position other = fields.At(pair.Other);
            Position later = (one.Line, one.Column).CompareTo((other.Line, other.Column)) > 0 ? one : other;
            problems.Add(later, $"'{pair.One.Name}' and '{pair.Other.Name}' exclude each other", pair.Remedy);
        }
    }

    private bool IsKnown(MapEntry entry) => shape.Keys.Any(key => key.Name == entry.Key);

    private string KnownKeys() => string.Join(", ", shape.Keys.Select(key => key.Name));

    private static JsonArray Names(IEnumerable<Key<T>> keys) => new([.. keys.Select(key => (JsonNode)key.Name)]);
}
