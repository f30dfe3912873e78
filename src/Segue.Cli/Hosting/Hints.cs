using System.Text.Json;
using System.Text.Json.Nodes;
using Segue.Planning;

namespace Segue.Cli.Hosting;

/// <summary>The exact commands to run next, with the options this one was run with.</summary>
internal sealed class Hints(string? database, string? changes)
{
    private readonly string _options = Option("--database", Shown(database)) + Option("--changes", changes);

    public string Apply(string change) => $"segue apply {change}{_options}";

    public string Complete(string change) => $"segue complete {change}{_options}";

    public string Rollback(string change) => $"segue rollback {change}{_options}";

    public string Purge(string change) => $"segue purge {change}{_options}";

    public string Resume(string change) => $"segue resume {change}{_options}";

    public string Plan(string change) => $"segue plan {change}{_options}";

    public string Status(string change) => $"segue status {change}{_options}";

    /// <summary>The command for a proposal of the core.</summary>
    public string Of(NextAction next) =>
        $"segue {Text.SnakeCase(next.Verb)}{(next.Change is { } change ? $" {change}" : "")}"
        + $"{(next.InStages ? " --staged" : "")}{(next.AtOnce ? " --now" : "")}"
        + $"{(next.AlthoughOldCodeWrites ? " --although-old-code-writes --reason '...'" : "")}{_options}";

    /// <summary>Proposals of the core as data, each with its command beside it.</summary>
    public JsonArray JsonOf(IReadOnlyList<NextAction> next) => new([.. next.Select(JsonOf)]);

    private JsonNode JsonOf(NextAction next)
    {
        JsonNode json = JsonSerializer.SerializeToNode(next, JsonSerializerOptions.Web)!;
        json["command"] = Of(next);
        return json;
    }

    private static string Option(string name, string? value) => value is null ? "" : $" {name} {Quoted(value)}";

    // An address may contain a password.
    private static string? Shown(string? database) =>
        database is not null && database.AsSpan().IndexOfAny("=:@/") >= 0 ? "..." : database;

    private static string Quoted(string value) =>
        value.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or '/' or ',' or ':')
            ? value
            : $"'{value.Replace("'", "'\\''")}'";
}
