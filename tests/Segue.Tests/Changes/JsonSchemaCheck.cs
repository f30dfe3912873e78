using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Segue.Yaml;

namespace Segue.Tests.Changes;

/// <summary>
/// As much of JSON Schema as ours use; an unknown keyword is an error. Takes YAML as an editor does: by YAML's core
/// schema.
/// </summary>
internal static class JsonSchemaCheck
{
    private static readonly string[] Annotations = ["$schema", "title", "description", "default", "examples"];

    public static bool Accepts(string schema, string yaml)
    {
        Problems problems = new("a.yaml");
        Node? root = NodeReader.Read(yaml, problems);
        problems.None.ShouldBeTrue();
        return Accepts(JsonNode.Parse(schema)!.AsObject(), Json(root));
    }

    public static bool Accepts(JsonObject schema, JsonNode? value) =>
        schema.All(keyword => Accepts(keyword.Key, keyword.Value!, schema, value));

    private static bool Accepts(string keyword, JsonNode operand, JsonObject schema, JsonNode? value) =>
        keyword switch
        {
            "type" => (operand is JsonArray types ? types.Select(type => (string)type!) : [(string)operand!]).Any(
                type => type == TypeOf(value) || (type == "number" && TypeOf(value) == "integer")
            ),
            "enum" => operand.AsArray().Any(choice => JsonNode.DeepEquals(choice, value)),
            "minLength" => TypeOf(value) != "string" || ((string)value!).Length >= (int)operand,
            "maxLength" => TypeOf(value) != "string" || ((string)value!).Length <= (int)operand,
            "pattern" => TypeOf(value) != "string"
                || Regex.IsMatch((string)value!, (string)operand!, RegexOptions.None, TimeSpan.FromSeconds(1)),
            "minimum" => TypeOf(value) != "integer" || (long)value! >= (long)operand,
            "maximum" => TypeOf(value) != "integer" || (long)value! <= (long)operand,
            "items" => value is not JsonArray items || items.All(item => Accepts(operand.AsObject(), item)),
            "minItems" => value is not JsonArray items || items.Count >= (int)operand,
            "properties" => value is not JsonObject members
                || members.All(member =>
                    operand[member.Key] is not JsonObject property || Accepts(property, member.Value)
                ),
            "patternProperties" => value is not JsonObject members
                || members.All(member =>
                    operand
                        .AsObject()
                        .All(pattern =>
                            !IsMatch(member.Key, pattern.Key) || Accepts(pattern.Value!.AsObject(), member.Value)
                        )
                ),
            "additionalProperties" => value is not JsonObject members
                || (!(bool)operand && members.All(member => IsNamed(member.Key, schema))),
            "required" => value is not JsonObject members
                || operand.AsArray().All(name => members.ContainsKey((string)name!)),
            "minProperties" => value is not JsonObject members || members.Count >= (int)operand,
            "maxProperties" => value is not JsonObject members || members.Count <= (int)operand,
            "allOf" => operand.AsArray().All(part => Accepts(part!.AsObject(), value)),
            "anyOf" => operand.AsArray().Any(part => Accepts(part!.AsObject(), value)),
            "not" => !Accepts(operand.AsObject(), value),
            _ => Annotations.Contains(keyword)
                ? true
                : throw new InvalidOperationException($"unknown keyword {keyword}"),
        };

    private static bool IsNamed(string name, JsonObject schema) =>
        schema["properties"] is JsonObject properties && properties.ContainsKey(name)
        || schema["patternProperties"] is JsonObject patterns && patterns.Any(pattern => IsMatch(name, pattern.Key));

    private static bool IsMatch(string text, string pattern) =>
        Regex.IsMatch(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(1));

    private static string TypeOf(JsonNode? value) =>
        value?.GetValueKind() switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            JsonValueKind.Number => long.TryParse(value.ToJsonString(), out _) ? "integer" : "number",
            _ => "null",
        };

    private static JsonNode? Json(Node? node) =>
        node switch
        {
            MapNode map => new JsonObject(
                map.Entries.Select(entry => KeyValuePair.Create(entry.Key, Json(entry.Value)))
            ),
            ListNode list => new JsonArray([.. list.Items.Select(Json)]),
            ScalarNode { IsNull: true } => null,
            ScalarNode { Plain: true, Text: "true" or "false" } flag => flag.Text == "true",
            ScalarNode { Plain: true } scalar when long.TryParse(scalar.Text, out long whole) => whole,
            ScalarNode { Plain: true } scalar when double.TryParse(scalar.Text, out double number) => number,
            ScalarNode scalar => scalar.Text,
            _ => null,
        };
}
