using Segue.Planning;

namespace Segue.Tests.Planning;

public class PlanShapeTests
{
    private const string Stored = """
        {
         "change": "0001_x",
         "changeHash": "abc",
         "engine": "postgresql",
         "fingerprint": ["table public.t"],
         "format": 3,
         "limits": { "lockTimeoutMs": 200 },
         "operations": [{ "title": "set a comment", "asks": "{\"comment\":\"c\"}" }],
         "searchPath": ["public"],
         "serverVersion": 15,
         "stages": [
          {
           "name": "expand",
           "steps": [
            {
             "kind": "ddl",
             "id": "a",
             "title": "t",
             "statements": ["s"],
             "operations": [1],
             "impact": {
              "cost": "metadata",
              "locks": [{ "relation": "public.t", "mode": "EXCLUSIVE", "blocks": "writes" }],
              "reversible": true
             },
             "applied": "q",
             "undo": []
            }
           ]
          }
         ]
        }
        """;

    /// <summary>People approved such hashes: where this test fails, raise <see cref="PlanShape.Version"/>.</summary>
    [Fact]
    public void The_hash_of_a_shape_is_the_same_in_every_version_of_Segue() =>
        PlanShape
            .HashOf(PlanJson.Parse(Stored))
            .ShouldBe("3fc3ed5ff77806717e5160277ac815b375ad984540503a900f1e442b5a436f3e");

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"format":4,"format":4}""")]
    [InlineData("""{"plan":{"a":1,"a":2}}""")]
    [InlineData("""{"format":3,"takes":[5]}""")]
    [InlineData("""{"format":3,"stages":[{"steps":[{"kind":"ddl","blockedBy":{"changes":5}}]}]}""")]
    [InlineData("""{"format":3,"lacking":"a","ifNotPossible":"b"}""")]
    public void A_text_that_is_no_plan_is_rejected_as_such(string text) =>
        Should.Throw<System.Text.Json.JsonException>(() => PlanJson.ParseDocument(text));

    [Theory]
    [InlineData("\"stages\": [")]
    [InlineData("\"limits\": {")]
    [InlineData("\"steps\": [")]
    public void A_plan_without_a_member_that_it_needs_is_rejected(string member)
    {
        string name = member[..(member.IndexOf(':') + 1)];

        Should.Throw<System.Text.Json.JsonException>(() =>
            PlanJson.Parse(Stored.Replace(member, $"{name} null, \"x\": {member[^1]}", StringComparison.Ordinal))
        );
    }
}
