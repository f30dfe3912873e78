using System.Text.Json.Nodes;
using Segue.Planning;

namespace Segue.Tests.Planning;

public class OlderPlanTests
{
    /// <summary>As the version before stored it.</summary>
    private const string Stored = """
        {
         "afterwards": [],
         "alters": [
          "column public.t.a "
         ],
         "change": "0001_x",
         "changeHash": "abc",
         "engine": "postgresql",
         "fingerprint": [
          "table public.t"
         ],
         "format": 2,
         "limits": {
          "lockTimeoutMs": 200
         },
         "searchPath": [
          "public"
         ],
         "serverVersion": 15,
         "settings": {
          "lacking": "a setting of that name"
         },
         "takes": [
          "column public.t.a",
          "table public.t options"
         ],
         "hazards": [
          {
           "code": "bloat",
           "message": "m"
          }
         ],
         "stages": [
          {
           "name": "expand",
           "steps": [
            {
             "kind": "ddl",
             "id": "a",
             "title": "t",
             "statements": [
              "s"
             ],
             "impact": {
              "locks": [
               {
                "relation": "public.t",
                "mode": "EXCLUSIVE",
                "blocks": "writes"
               }
              ],
              "cost": "metadata",
              "reversible": true
             },
             "builtOn": {
              "changes": "SELECT ... WHERE known #>> '{}' IN ('\"public\".\"it''s\"')) ORDER BY 1",
              "what": "is under way on \"public\".\"it's\", and knows it by that name"
             },
             "undo": [
              {
               "kind": "ddl",
               "id": "u",
               "title": "t",
               "statements": [
                "s"
               ],
               "impact": {
                "locks": [],
                "cost": "metadata"
               },
               "lacking": "not restored:"
              }
             ]
            }
           ]
          },
          {
           "name": "backfill",
           "steps": [
            {
             "kind": "backfill",
             "id": "b",
             "title": "t",
             "impact": {
              "locks": [],
              "cost": "batches"
             },
             "targets": [
              {
               "relation": "public.t",
               "passes": [
                256
               ],
               "fillPart": "p",
               "fillRest": "r",
               "fillUnlocked": "u",
               "countLeft": "c"
              }
             ]
            }
           ]
          },
          {
           "name": "enforce",
           "steps": [
            {
             "kind": "online",
             "id": "o",
             "title": "t",
             "statement": "s",
             "impact": {
              "locks": [],
              "cost": "scan"
             },
             "takesBack": "a"
            }
           ]
          },
          {
           "name": "switch",
           "steps": [
            {
             "kind": "gate",
             "id": "g",
             "title": "t",
             "waitsFor": "nobody",
             "passedBy": "segue complete",
             "impact": {
              "locks": [],
              "cost": "wait"
             }
            }
           ]
          }
         ]
        }
        """;

    [Fact]
    public void A_plan_of_format_2_is_read_and_keeps_its_stored_hash()
    {
        Plan plan = PlanJson.Parse(Stored);

        PlanJson.Hash(plan).ShouldBe(PlanJson.Hash(Stored));
        plan.Claims.ShouldBe([new Claim(ClaimKind.Column, "public.t.a"), new Claim(ClaimKind.Options, "public.t")]);
        plan.ExpectedDrift.ShouldBe(["column public.t.a "]);
        plan.Settings.Keys.ShouldBe(["lacking"]);
        Step[] steps = [.. plan.Steps()];
        steps[0].BlockedBy.ShouldBe(new DependentChanges("\"public\".\"it's\""));
        steps[0].Undo.Single().IfNotPossible.ShouldBe("not restored:");
        steps[1].ShouldBeOfType<BackfillStep>().Targets[0].CountRemaining.ShouldBe("c");
        steps[2].ShouldBeOfType<OnlineStep>().UndoOnViolation.ShouldBe("a");
        steps[3].ShouldBeOfType<GateStep>().WaitsFor.ShouldBe("nobody");
    }

    [Fact]
    public void A_plan_of_format_3_keeps_the_shape_that_was_approved()
    {
        Plan plan = PlanJson.Parse(Stored.Replace("\"format\": 2", "\"format\": 3"));

        PlanShape.HashOf(plan).ShouldBe(PlanShape.Of(plan).Hash());
        PlanShape
            .Of(plan)
            .Steps[0]
            .ToString()
            .ShouldContain(
                """
                "locks":[{"blocks":"writes","mode":"EXCLUSIVE","relation":"public.t"}]
                """.Trim()
            );
        PlanShape.HashOf(PlanJson.Parse(Stored)).ShouldBeNull();
    }

    [Fact]
    public void A_plan_with_an_unknown_claim_is_rejected() =>
        Should.Throw<System.Text.Json.JsonException>(() =>
            PlanJson.Parse(Stored.Replace("\"column public.t.a\"", "\"galaxy public.t.a\""))
        );

    [Fact]
    public void Every_member_of_a_plan_is_in_its_documentation()
    {
        string documentation = File.ReadAllText(Path.Combine(Repository(), "docs", "plan.md"));
        SortedSet<string> missing = [];
        Collect(
            JsonNode.Parse(PlanJson.Schema),
            name =>
            {
                if (!documentation.Contains($"`{name}`", StringComparison.Ordinal))
                {
                    missing.Add(name);
                }
            }
        );
        missing.ShouldBeEmpty();
    }

    [Fact]
    public void The_schema_in_the_documentation_is_the_one_that_the_command_prints() =>
        File.ReadAllText(Path.Combine(Repository(), "docs", "plan.schema.json")).ShouldBe(PlanJson.Schema + "\n");

    private static void Collect(JsonNode? schema, Action<string> found)
    {
        switch (schema)
        {
            case JsonObject members:
                foreach ((string name, JsonNode? value) in members)
                {
                    if (name == "properties")
                    {
                        foreach ((string member, _) in value!.AsObject())
                        {
                            found(member);
                        }
                    }

                    Collect(value, found);
                }

                break;
            case JsonArray items:
                foreach (JsonNode? item in items)
                {
                    Collect(item, found);
                }

                break;
        }
    }

    private static string Repository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Segue.slnx")))
        {
            folder = folder.Parent;
        }

        return folder!.FullName;
    }
}
