using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Segue.Cli.Rendering;
using Segue.Engines;

namespace Segue.Cli;

/// <summary>The one place that prints results and errors, in the form that was asked for.</summary>
internal sealed class Reporter(Host host, bool json)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public bool IsJson => json;

    /// <summary>Results in text; for stdout.</summary>
    public Sheet Results { get; } = new(host.Out, host.OutColumns);

    /// <summary>What is said besides the result; for stderr.</summary>
    public Sheet Remarks { get; } = new(host.Error, host.ErrorColumns);

    public void Document(JsonNode document) => Raw(document.ToJsonString(Indented));

    /// <summary>Text that is a result by itself, as it stands.</summary>
    public void Raw(string text) => host.Out.Profile.Out.Writer.Write(text.EndsWith('\n') ? text : $"{text}\n");

    /// <summary>Says why, on stderr; with JSON also on stdout.</summary>
    public ExitCode Fail(Failure failure)
    {
        Explain(failure);
        if (json)
        {
            Document(new JsonObject { ["error"] = ErrorOf(failure) });
        }

        return failure.Code;
    }

    /// <summary>Says why, on stderr only.</summary>
    public void Explain(Failure failure)
    {
        foreach (Problem problem in failure.Problems)
        {
            Remarks.Sentence("error: ", Ink.Bad, $"{problem.Where}: {problem.What}");
            if (problem.Remedy.Length > 0)
            {
                Remarks.Prose(2, problem.Remedy);
            }
        }
    }

    public void Note(string text) => Remarks.Sentence("note: ", Ink.Warning, text);

    public static JsonObject ErrorOf(Failure failure) =>
        new()
        {
            ["exitCode"] = (int)failure.Code,
            ["problems"] = new JsonArray([
                .. failure.Problems.Select(problem => new JsonObject
                {
                    ["where"] = problem.Where,
                    ["what"] = problem.What,
                    ["remedy"] = problem.Remedy,
                }),
            ]),
        };
}
