using System.Text.Json.Nodes;
using Segue.Engines;

namespace Segue.Cli.Rendering;

/// <summary>The effects of a statement, for a program.</summary>
internal static class ExplanationJson
{
    public static JsonObject Of(StatementEffect effect) =>
        new()
        {
            ["harmful"] = effect.IsHarmful,
            ["locks"] = new JsonArray([
                .. effect.Locks.Select(held => new JsonObject
                {
                    ["relation"] = held.Relation,
                    ["mode"] = held.Mode,
                    ["blocks"] = Text.SnakeCase(held.Blocks),
                    ["reach"] = Text.SnakeCase(held.Reach),
                }),
            ]),
            ["work"] = new JsonArray([
                .. effect.Work.Select(work => new JsonObject
                {
                    ["relation"] = work.Relation,
                    ["cost"] = Text.SnakeCase(work.Cost),
                    ["rows"] = work.Estimate.Rows,
                    ["bytes"] = work.Estimate.Bytes,
                    ["seconds"] = work.Estimate.Seconds,
                }),
            ]),
            ["breaks"] = new JsonArray([
                .. effect.Breaks.Select(each => new JsonObject
                {
                    ["kind"] = Text.SnakeCase(each.Kind),
                    ["what"] = each.What,
                }),
            ]),
            ["writes"] = new JsonArray([
                .. effect.Writes.Select(written => new JsonObject
                {
                    ["relation"] = written.Relation,
                    ["does"] = written.Does,
                    ["rows"] = written.Estimate.Rows,
                    ["walBytes"] = written.Estimate.Bytes,
                    ["seconds"] = written.Estimate.Seconds,
                }),
            ]),
            ["cascades"] = new JsonArray([.. effect.Cascades.Select(each => (JsonNode)each)]),
            ["unknown"] = new JsonArray([.. effect.Unknown.Select(each => (JsonNode)each)]),
            ["calls"] = new JsonArray([.. effect.Calls.Select(called => (JsonNode)called)]),
            ["retyped"] = new JsonArray([.. effect.Retyped.Select(column => (JsonNode)column)]),
            ["dependents"] = new JsonArray([.. effect.Dependents.Select(dependent => (JsonNode)dependent)]),
            ["instead"] = effect.SafeRoad,
        };
}
