using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Segue.Changes.Files;
using Segue.Cli.Tests.Docs;
using Segue.Planning;
using Segue.Testing;

namespace Segue.Cli.Tests.Rendering;

/// <summary>What <c>segue plan --output json</c> prints is what docs/plan.schema.json says.</summary>
public sealed class PlanSchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(Strict());

    [Theory, PostgresVersions(14, 18)]
    public async Task The_plan_of_every_kind_is_valid_by_the_published_schema(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(EveryKind.Setup);
        foreach (string operation in EveryKind.Operations)
        {
            string document = PlanJson.Document(await db.PlannedAsync($"operations:\n  - {operation}"));
            Problems(document).ShouldBeEmpty(operation);
        }
    }

    [Fact]
    public void Every_kind_of_a_change_file_is_among_them()
    {
        JsonNode kinds = JsonNode.Parse(ChangeSchema.Text)!["properties"]!["operations"]!["items"]!["properties"]!;
        EveryKind
            .Operations.Select(operation => operation.Split(':')[0])
            .Distinct()
            .ShouldBe(kinds.AsObject().Select(kind => kind.Key), ignoreOrder: true);
    }

    [Fact]
    public void An_unknown_member_and_a_missing_one_are_not_valid()
    {
        string document = PlanJson.Document(Samples.Plan);
        Problems(document).ShouldBeEmpty();
        Problems(document.Replace("\"fingerprint\":", "\"footprint\":")).ShouldNotBeEmpty();
        Problems(document.Replace("\"cost\": \"metadata\"", "\"cost\": \"cheap\"")).ShouldNotBeEmpty();
    }

    private static IReadOnlyList<string> Problems(string document)
    {
        using JsonDocument plan = JsonDocument.Parse(document);
        EvaluationResults results = Schema.Evaluate(
            plan.RootElement,
            new EvaluationOptions { OutputFormat = OutputFormat.List }
        );
        return results.IsValid
            ? []
            :
            [
                .. (results.Details ?? [])
                    .Where(detail => detail.Errors is { Count: > 0 })
                    .Select(detail => $"{detail.InstanceLocation}: {string.Join("; ", detail.Errors!.Values)}"),
            ];
    }

    /// <summary>
    /// The published schema allows members of later versions. Here every member must be in it.
    /// </summary>
    private static string Strict()
    {
        JsonNode schema = JsonNode.Parse(File.ReadAllText(Path.Combine(DocsPage.Root, "docs", "plan.schema.json")))!;
        Close(schema);
        return schema.ToJsonString();
    }

    private static void Close(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                if (members["properties"] is JsonObject && !members.ContainsKey("additionalProperties"))
                {
                    members["additionalProperties"] = false;
                }

                foreach ((_, JsonNode? value) in members.ToArray())
                {
                    Close(value);
                }

                break;
            case JsonArray items:
                foreach (JsonNode? item in items)
                {
                    Close(item);
                }

                break;
        }
    }
}
