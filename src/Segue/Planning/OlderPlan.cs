using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Segue.Planning;

/// <summary>Plans of formats 1 to 3, which stored plans still have: their members under the names of today.</summary>
internal static partial class OlderPlan
{
    private static readonly Dictionary<string, string> Renamed = new()
    {
        ["lacking"] = "ifNotPossible",
        ["keeps"] = "retains",
        ["builtOn"] = "blockedBy",
        ["takesBack"] = "undoOnViolation",
        ["countLeft"] = "countRemaining",
        ["alters"] = "expectedDrift",
    };

    /// <exception cref="JsonException">A member is not what such a plan has there.</exception>
    public static JsonObject Upgraded(JsonObject plan)
    {
        JsonObject upgraded = (JsonObject)Renewed(plan)!;
        if (upgraded["takes"] is JsonArray takes)
        {
            upgraded.Remove("takes");
            upgraded["claims"] = new JsonArray([.. takes.Select(text => ClaimOf(text!.GetValue<string>()))]);
        }

        return upgraded;
    }

    private static JsonNode? Renewed(JsonNode? node) =>
        node switch
        {
            JsonObject members => WithRelation(
                new JsonObject(
                    members.Select(member =>
                        KeyValuePair.Create(
                            Renamed.GetValueOrDefault(member.Key, member.Key),
                            member.Key == "settings" ? member.Value?.DeepClone() : Renewed(member.Value)
                        )
                    )
                )
            ),
            JsonArray items => new JsonArray([.. items.Select(Renewed)]),
            _ => node?.DeepClone(),
        };

    /// <summary>A query over the ledger named the relation that other changes must not be in progress on.</summary>
    private static JsonObject WithRelation(JsonObject members)
    {
        if (members["blockedBy"]?["changes"] is JsonValue query)
        {
            Match relation = RelationOfQuery().Match(query.GetValue<string>());
            members["blockedBy"] = relation.Success
                ? new JsonObject { ["relation"] = Literal(relation) }
                : throw new JsonException("The query for the changes that block a step has an unknown form.");
        }

        return WithPolicy(members);
    }

    private static string Literal(Match literal)
    {
        string text = literal.Groups["text"].Value.Replace("''", "'");
        return literal.Groups["escapes"].Length > 0 ? text.Replace(@"\\", @"\") : text;
    }

    [GeneratedRegex(
        @"IN \((?<escapes>E?)'(?<text>([^']|'')*)'\)\)",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking
    )]
    private static partial Regex RelationOfQuery();

    /// <summary>A gate waited for a sentence.</summary>
    private static JsonObject WithPolicy(JsonObject members)
    {
        if (members["kind"] is JsonValue kind && kind.ToString() == "gate" && members["waitsFor"] is { } waitsFor)
        {
            members.Remove("waitsFor");
            members["policy"] = new JsonObject
            {
                ["conditions"] = new JsonArray(
                    new JsonObject
                    {
                        ["evidence"] = Text.SnakeCase(GateEvidence.AuthorsCondition),
                        ["objects"] = new JsonArray(),
                        ["condition"] = waitsFor.DeepClone(),
                    }
                ),
            };
        }

        return members;
    }

    private static JsonObject ClaimOf(string text)
    {
        try
        {
            Claim claim = Claim.Parse(text);
            return new JsonObject { ["kind"] = Text.SnakeCase(claim.Kind), ["name"] = claim.Name };
        }
        catch (FormatException error)
        {
            throw new JsonException(error.Message, error);
        }
    }
}
