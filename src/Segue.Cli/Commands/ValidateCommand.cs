using System.CommandLine;
using System.Text.Json.Nodes;
using Segue.Changes.Files;
using Segue.Changes.Keys;
using Segue.Cli.Running;
using Segue.Projects;
using Segue.Yaml;

namespace Segue.Cli.Commands;

/// <summary><c>segue validate</c>: judges every change file. Needs no database.</summary>
internal static class ValidateCommand
{
    public static Command Create(Host host)
    {
        Verb verb = new(
            "validate",
            "Checks segue.yaml and every change file. Needs no database.",
            "It reports every mistake with file, line and column, two changes with one number, and numbers that do "
                + "not sort as they count. Expressions and names of tables are checked by `segue plan`, which asks the "
                + "database. Exit codes: 0 all files are valid, 2 some are not.",
            "segue validate",
            "segue validate --changes db/changes --output json"
        )
        {
            CommonOptions.Changes,
            CommonOptions.Output,
        };
        verb.SetAction(parse => (int)Run(host, parse));
        return verb;
    }

    private static ExitCode Run(Host host, ParseResult parse)
    {
        Reporter report = new(host, CommonOptions.IsJson(parse));
        return Project
            .Open(host, parse)
            .Match(project => project.Check().Match(changes => Tell(report, changes), report.Fail), report.Fail);
    }

    private static ExitCode Tell(Reporter report, IReadOnlyList<CheckedChange> changes)
    {
        FileError[] errors = [.. changes.SelectMany(change => change.Errors)];
        report.Explain(Failure.BadFile(errors));
        if (report.IsJson)
        {
            report.Document(
                new JsonObject
                {
                    ["valid"] = errors.Length == 0,
                    ["changes"] = new JsonArray([.. changes.Select(ToJson)]),
                }
            );
        }
        else
        {
            int bad = changes.Count(change => !change.IsValid);
            report.Results.Line(
                (bad == 0 ? $"{Files(changes.Count)} valid." : Invalid(bad, changes.Count), InkOf(bad))
            );
        }

        return errors.Length == 0 ? ExitCode.Done : ExitCode.BadInput;
    }

    private static string Invalid(int bad, int count) =>
        count == 1
            ? "1 change file is not valid."
            : $"{bad} of {count} change files {(bad == 1 ? "is" : "are")} not valid.";

    private static string Files(int count) => count == 1 ? "1 change file is" : $"{count} change files are";

    private static Ink InkOf(int bad) => bad == 0 ? Ink.Good : Ink.Bad;

    private static JsonObject ToJson(CheckedChange change) =>
        new()
        {
            ["name"] = change.File.Name,
            ["file"] = ShownPath.Of(change.File.Path),
            ["valid"] = change.IsValid,
            ["operations"] = new JsonArray([
                .. (change.Change?.Operations ?? []).Select(operation => (JsonNode)ChangeKind.Of(operation).Name),
            ]),
            ["errors"] = new JsonArray([
                .. change.Errors.Select(error => new JsonObject
                {
                    ["line"] = error.Line,
                    ["column"] = error.Column,
                    ["message"] = error.Message,
                    ["remedy"] = error.Remedy,
                }),
            ]),
        };
}
