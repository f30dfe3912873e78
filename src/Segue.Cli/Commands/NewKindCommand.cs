using System.CommandLine;
using Segue.Changes.Keys;
using Segue.Cli.Running;
using Segue.Projects;
using Segue.Yaml;

namespace Segue.Cli.Commands;

/// <summary>
/// <c>segue new KIND</c> for every kind of operation: a file that explains every key. Options set them; what is not set
/// has an example's value.
/// </summary>
internal static class NewKindCommand
{
    public static Command Create(Host host, ChangeKind kind)
    {
        string name = Dashed(kind.Name);
        IReadOnlyList<(ChangeKindKey Key, Option Option)> options = [.. kind.Keys.Select(key => (key, OptionOf(key)))];
        Verb verb = new(
            name,
            $"Writes a change file: {char.ToLowerInvariant(kind.Description[0])}{kind.Description[1..]}",
            "The file explains every key of the kind; keys that are not set stand in it as comments. A required key "
                + "without an option gets an example's value: edit the file, then `segue validate` and `segue plan`.",
            $"segue new {name}",
            $"segue new {name} {Example(kind)}"
        );
        verb.Add([NewChangeOptions.Change, NewChangeOptions.Description]);
        verb.Add(options.Select(each => each.Option));
        verb.Add([CommonOptions.Changes, CommonOptions.Output]);
        verb.SetAction(parse => (int)Run(host, parse, kind, Given(parse, options)));
        return verb;
    }

    private static ExitCode Run(Host host, ParseResult parse, ChangeKind kind, Dictionary<string, string> given)
    {
        Reporter report = new(host, CommonOptions.IsJson(parse));
        return Project
            .Open(host, parse)
            .Match(
                project =>
                    SegueProject
                        .Draft(kind, given)
                        .Match(
                            draft =>
                                Noted(
                                    new NewChange(project, Project.HintsOf(parse), report).Write(
                                        parse.GetValue(NewChangeOptions.Change),
                                        Slug(kind, given),
                                        parse.GetValue(NewChangeOptions.Description),
                                        draft.Operation
                                    ),
                                    report,
                                    draft.Examples
                                ),
                            report.Fail
                        ),
                report.Fail
            );
    }

    /// <summary>Applying a file with examples would change a table in a way that nobody wanted.</summary>
    private static ExitCode Noted(ExitCode code, Reporter report, IEnumerable<ChangeKindKey> examples)
    {
        if (code == ExitCode.Done)
        {
            foreach (ChangeKindKey key in examples)
            {
                report.Note($"{key.Name} has an example's value: {Flat(key.Example)}. Edit it before you apply.");
            }
        }

        return code;
    }

    private static string Flat(string example) =>
        string.Join(' ', example.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static Dictionary<string, string> Given(
        ParseResult parse,
        IReadOnlyList<(ChangeKindKey Key, Option Option)> options
    ) =>
        options
            .Where(each => parse.GetResult(each.Option) is { Implicit: false })
            .ToDictionary(
                each => each.Key.Name,
                each =>
                    each.Option is Option<bool> flag
                        ? (parse.GetValue(flag) ? "true" : "false")
                        : parse.GetValue((Option<string>)each.Option) ?? ""
            );

    private static Option OptionOf(ChangeKindKey key)
    {
        string name = $"--{Dashed(key.Name)}";
        string description = key.IsRequired ? $"{key.Description} Example: {key.Example}" : key.Description;
        return key.Form switch
        {
            KeyForm.Flag => new Option<bool>(name) { Description = description, HelpName = UsageErrors.Flag },
            KeyForm.Text => new Option<string>(name) { Description = description, HelpName = "TEXT" },
            _ => new Option<string>(name) { Description = description, HelpName = "YAML" },
        };
    }

    private static string Slug(ChangeKind kind, Dictionary<string, string> given)
    {
        ChangeKindKey about = kind.Keys[0];
        string subject = about.Name is "up" ? "" : $"_{given.GetValueOrDefault(about.Name) ?? about.Example}";
        return $"{kind.Name}{subject.Replace('.', '_')}";
    }

    private static string Example(ChangeKind kind) =>
        string.Join(
            " ",
            kind.Keys.Where(key => key.IsRequired).Select(key => $"--{Dashed(key.Name)} {Quoted(key.Example)}")
        );

    private static string Quoted(string value) =>
        value.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_') ? value : $"\"{value}\"";

    private static string Dashed(string name) => name.Replace('_', '-');
}
