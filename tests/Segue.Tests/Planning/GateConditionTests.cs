using System.Text.Json.Nodes;
using Segue.Planning;

namespace Segue.Tests.Planning;

public sealed class GateConditionTests
{
    public static TheoryData<GateCondition, string> Words =>
        new()
        {
            {
                new(GateEvidence.WrittenByApp, ["a.b", "a.c"]),
                "every running version of the app to write a.b, a.c itself"
            },
            {
                new(GateEvidence.NewNameUsed, ["a"]) { By = "b" },
                "every running version of the app to use b instead of a"
            },
            { new(GateEvidence.NullAccepted, ["a.b"]), "every running version of the app to accept NULL in a.b" },
            {
                new(GateEvidence.PreparedAgain, ["a.b"]) { Detail = "else they fail" },
                "sessions with prepared statements that return a.b to be ready to prepare them again: else they fail"
            },
            { new(GateEvidence.NotUsed, ["index i"]), "no running version of the app to need index i" },
            {
                new(GateEvidence.NotUsed, ["the label a"]) { By = "the label b" },
                "no running version of the app to need the label a, or already the label b"
            },
            {
                new(GateEvidence.RowsNotNeeded, ["a"]) { Condition = "id < 0" },
                "no running version of the app to need rows of a where id < 0"
            },
            {
                new(GateEvidence.AuthorsCondition, []) { Condition = "the night" },
                "the night"
            },
        };

    [Theory]
    [MemberData(nameof(Words))]
    public void A_gate_condition_is_worded_from_its_data(GateCondition condition, string words) =>
        condition.Says.ShouldBe(words);

    [Fact]
    public void Every_kind_of_evidence_has_words() =>
        Enum.GetValues<GateEvidence>()
            .ShouldBe(Words.Select(row => ((GateCondition)row[0]).Evidence).Distinct(), ignoreOrder: true);

    [Fact]
    public void Gate_conditions_with_the_same_meaning_are_joined() =>
        GatePolicy
            .Of([Policy(new(GateEvidence.NotUsed, ["a"])), Policy(new(GateEvidence.NotUsed, ["a"]))])
            .Conditions.ShouldHaveSingleItem();

    [Fact]
    public void A_gate_in_the_json_of_a_plan_holds_data_and_no_sentence()
    {
        JsonNode schema = JsonNode.Parse(PlanJson.Schema)!;
        string[] members = [.. MembersOf(schema, "evidence").Order()];
        members.ShouldBe(["by", "condition", "detail", "evidence", "objects", "relation"]);
    }

    private static IEnumerable<string> MembersOf(JsonNode? node, string with) =>
        node switch
        {
            JsonObject { } map when map["properties"] is JsonObject properties && properties.ContainsKey(with) =>
                properties.Select(member => member.Key),
            JsonObject map => map.Select(each => MembersOf(each.Value, with)).FirstOrDefault(found => found.Any())
                ?? [],
            JsonArray list => list.Select(each => MembersOf(each, with)).FirstOrDefault(found => found.Any()) ?? [],
            _ => [],
        };

    private static GatePolicy Policy(GateCondition condition) => new() { Conditions = [condition] };
}
