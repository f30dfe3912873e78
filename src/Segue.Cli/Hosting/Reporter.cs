using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Segue.Engines;
using Segue.Projects;

namespace Segue.Cli.Hosting;

/// <summary>The one place that prints results and errors, in the requested form.</summary>
/// <param name="hints">Words next actions; null without a database.</param>
internal sealed class Reporter(Host host, bool json, Hints? hints = null)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public bool IsJson => json;

    /// <summary>Results in text; for stdout.</summary>
    public Sheet Results { get; } = new(host.Out, host.OutColumns);

    /// <summary>Text besides the result; for stderr.</summary>
    public Sheet Remarks { get; } = new(host.Error, host.ErrorColumns);

    public void Document(JsonNode document) => Raw(document.ToJsonString(Indented));

    /// <summary>Text that is itself the result, unchanged.</summary>
    public void Raw(string text) => host.Out.Profile.Out.Writer.Write(text.EndsWith('\n') ? text : $"{text}\n");

    /// <summary>Reports the reason on stderr; with JSON also on stdout.</summary>
    public ExitCode Fail(Failure failure)
    {
        Explain(failure);
        if (json)
        {
            Document(new JsonObject { ["error"] = ErrorOf(failure) });
        }

        return ExitCodes.Of(failure.Kind);
    }

    /// <summary>Reports the reason on stderr only.</summary>
    public void Explain(Failure failure)
    {
        foreach (Problem problem in failure.Problems)
        {
            Remarks.Sentence("error: ", Ink.Bad, $"{problem.Where}: {problem.What}");
            if (problem.Remedy.Length > 0)
            {
                Remarks.Prose(2, problem.Remedy);
            }

            foreach ((int index, string command) in Commands(problem).Index())
            {
                Remarks.Field(2, index == 0 ? "next" : "or", command, Ink.Code);
            }
        }
    }

    public void Note(string text) => Remarks.Sentence("note: ", Ink.Warning, text);

    public JsonObject ErrorOf(Failure failure) =>
        new()
        {
            ["exitCode"] = (int)ExitCodes.Of(failure.Kind),
            ["problems"] = new JsonArray([.. failure.Problems.Select(JsonOf)]),
        };

    private JsonObject JsonOf(Problem problem)
    {
        JsonObject node = new()
        {
            ["where"] = problem.Where,
            ["what"] = problem.What,
            ["remedy"] = problem.Remedy,
        };
        if (hints is not null && problem.Next.Count > 0)
        {
            node["next"] = hints.JsonOf(problem.Next);
        }

        return node;
    }

    private IEnumerable<string> Commands(Problem problem) => hints is null ? [] : problem.Next.Select(hints.Of);
}
