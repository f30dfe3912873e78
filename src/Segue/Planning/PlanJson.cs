using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Segue.Planning;

/// <summary>
/// A plan as text: canonical JSON (members sorted, no white space) for the hash, indented for people.
/// </summary>
public static class PlanJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        AllowOutOfOrderMetadataProperties = true,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private static readonly JsonSerializerOptions Indented = new(Options) { WriteIndented = true };

    /// <summary>The whole plan, estimates included, members sorted, no white space.</summary>
    public static string Canonical(Plan plan) => Sorted(ToNode(plan), complete: true)!.ToJsonString(Options);

    /// <summary>
    /// SHA-256 of the canonical JSON as lowercase hex, without estimates and hazards, which describe the day and not
    /// what will run.
    /// </summary>
    public static string Hash(Plan plan) => plan.StoredHash ?? Hash(ToNode(plan));

    /// <summary>The same of one step.</summary>
    internal static string Hash(Step step) => Hash(JsonSerializer.SerializeToNode(step, Options)!);

    /// <summary>SHA-256 of a shape's canonical JSON as lowercase hex.</summary>
    internal static string Hash(PlanShape shape) => Hash(JsonSerializer.SerializeToNode(shape, Options)!);

    /// <summary>A step of a shape as one line: equal for equal steps.</summary>
    internal static string Line(ShapeStep step) =>
        Sorted(JsonSerializer.SerializeToNode(step, Options), complete: true)!.ToJsonString(Options);

    /// <summary>The name of a step's kind in the JSON, e.g. <c>ddl</c>.</summary>
    internal static string KindOf(Step step) =>
        typeof(Step)
            .GetCustomAttributes<JsonDerivedTypeAttribute>()
            .Single(kind => kind.DerivedType == step.GetType())
            .TypeDiscriminator!.ToString()!;

    /// <summary>The same of a plan's text, so that a plan of another version of Segue keeps its hash.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static string Hash(string json) =>
        Hash(JsonNode.Parse(json) ?? throw new JsonException("The plan is empty."));

    /// <summary>The plan and its hash, indented: what <c>segue plan --output json</c> prints.</summary>
    public static string Document(Plan plan)
    {
        JsonObject document = new()
        {
            ["hash"] = Hash(plan),
            ["shapeHash"] = PlanShape.HashOf(plan),
            ["plan"] = Sorted(ToNode(plan), complete: true),
        };
        return document.ToJsonString(Indented);
    }

    /// <summary>A comparison, indented: what <c>segue plan --against</c> prints as JSON.</summary>
    public static string Document(PlanDifference difference) => JsonSerializer.Serialize(difference, Indented);

    /// <exception cref="JsonException">The text is not a plan, or one of a newer format.</exception>
    public static Plan Parse(string json)
    {
        try
        {
            return ParseUnguarded(json);
        }
        catch (Exception error)
            when (error is ArgumentException or InvalidOperationException or NullReferenceException or FormatException)
        {
            // Members that are there twice or hold values of another type, as no Segue wrote them.
            throw new JsonException($"The text is no plan: {error.Message}", error);
        }
    }

    private static Plan ParseUnguarded(string json)
    {
        int format = FormatOf(json);
        return format > Plan.NewestFormat
                ? throw new JsonException(
                    $"The plan has format {format}; this Segue supports formats up to {Plan.NewestFormat}."
                )
            : format == Plan.NewestFormat ? Read(JsonNode.Parse(json))
            : Read(OlderPlan.Upgraded(JsonNode.Parse(json)!.AsObject())) with { StoredHash = Hash(json) };
    }

    /// <summary>
    /// A plan, or a document that <see cref="Document(Plan)"/> wrote, from its text.
    /// </summary>
    /// <exception cref="JsonException">The text is neither, or of a newer format.</exception>
    public static Plan ParseDocument(string json)
    {
        try
        {
            return JsonNode.Parse(json) is JsonObject document && document["plan"] is JsonObject plan
                ? Of(document, Parse(plan.ToJsonString(Options)))
                : Parse(json);
        }
        catch (ArgumentException twice)
        {
            throw new JsonException($"The text is no plan: {twice.Message}", twice);
        }
    }

    /// <summary>A plan of an older format is printed with the members of today and the hash that is stored.</summary>
    private static Plan Of(JsonObject document, Plan plan) =>
        plan.StoredHash is not null && document["hash"] is JsonValue stored
            ? plan with
            {
                StoredHash = stored.ToString(),
            }
            : plan;

    /// <summary>The JSON Schema of <see cref="Document(Plan)"/>.</summary>
    public static string Schema => PlanSchema.Of(Options).ToJsonString(Indented);

    private static Plan Read(JsonNode? plan) =>
        plan.Deserialize<Plan>(Options) ?? throw new JsonException("The plan is empty.");

    /// <summary>The plan's <see cref="Plan.Format"/>, read without reading the rest.</summary>
    /// <exception cref="JsonException">The text is not a JSON object.</exception>
    public static int FormatOf(string json) => JsonSerializer.Deserialize<FormatOnly>(json, Options)?.Format ?? 1;

    private sealed record FormatOnly(int? Format);

    private static string Hash(JsonNode plan)
    {
        string text = Sorted(plan, complete: false)!.ToJsonString(Options);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static JsonNode ToNode(Plan plan) => JsonSerializer.SerializeToNode(plan, Options)!;

    private static JsonNode? Sorted(JsonNode? node, bool complete) =>
        node switch
        {
            JsonObject members => new JsonObject(
                members
                    .Where(member => complete || !(member.Key is "estimate" or "hazards"))
                    .OrderBy(member => member.Key, StringComparer.Ordinal)
                    .Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value, complete)))
            ),
            JsonArray items => new JsonArray([.. items.Select(item => Sorted(item, complete))]),
            _ => node?.DeepClone(),
        };
}
