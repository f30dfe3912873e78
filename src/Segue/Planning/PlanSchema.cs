using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;

namespace Segue.Planning;

/// <summary>The JSON Schema of what <c>segue plan --output json</c> prints, made from the records themselves.</summary>
internal static class PlanSchema
{
    private const string Sha256 = "^[0-9a-f]{64}$";

    public static JsonObject Of(JsonSerializerOptions options)
    {
        JsonNode plan = options.GetJsonSchemaAsNode(
            typeof(Plan),
            new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true }
        );
        Moved(plan);
        plan["type"] = new JsonArray("object", "null");
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "A plan of Segue",
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["hash"] = HashOrNull(),
                ["shapeHash"] = HashOrNull(),
                ["plan"] = plan,
            },
            ["required"] = new JsonArray("hash", "shapeHash", "plan"),
        };
    }

    private static JsonObject HashOrNull() =>
        new() { ["type"] = new JsonArray("string", "null"), ["pattern"] = Sha256 };

    /// <summary>References begin at the plan, which stands below the document.</summary>
    private static void Moved(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                if (members["$ref"] is JsonValue reference)
                {
                    members["$ref"] = $"#/properties/plan{reference.GetValue<string>()[1..]}";
                }

                foreach ((_, JsonNode? value) in members)
                {
                    Moved(value);
                }

                break;
            case JsonArray items:
                foreach (JsonNode? item in items)
                {
                    Moved(item);
                }

                break;
        }
    }
}
