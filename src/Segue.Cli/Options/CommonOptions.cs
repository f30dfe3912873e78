using System.CommandLine;
using System.CommandLine.Parsing;
using Segue.Ledger;
using Segue.Projects;

namespace Segue.Cli.Options;

/// <summary>Options of several verbs.</summary>
internal static class CommonOptions
{
    /// <summary>The beginning of a message about an unknown option.</summary>
    public const string UnknownOption = "Unrecognized option";

    public static readonly Option<string?> Database = new("--database")
    {
        Description =
            "A postgres:// URL, an ADO.NET connection string, or an environment's name in segue.yaml. "
            + "Default: SEGUE_DATABASE, else the default environment.",
        HelpName = "URL|NAME",
        CompletionSources = { EnvironmentCompletion.Names },
    };

    public static readonly Option<string?> Changes = new("--changes")
    {
        Description = "The directory of change files. Default: from segue.yaml, else changes.",
        HelpName = "DIR",
        Validators = { NotEmpty },
    };

    public static readonly Option<string> Output = OutputOf("text", "json");

    public static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask for confirmation." };

    public static readonly Option<string?> Reason = new("--reason")
    {
        Description = "Why, for the ledger's events (segue history): one line.",
        HelpName = "TEXT",
        Validators =
        {
            result =>
            {
                try
                {
                    _ = ActorFor(result.GetValueOrDefault<string?>());
                }
                catch (ArgumentException)
                {
                    result.AddError("'--reason' must be one line of 1 to 2,000 characters.");
                }
            },
        },
    };

    /// <summary>This process, with a reason; null for no reason.</summary>
    public static Actor? ActorFor(string? reason) =>
        reason is null ? null : new Actor(new TargetOptions().Runner) { Reason = reason };

    public static Argument<string> Change() =>
        Watched(new Argument<string>("CHANGE") { Description = "The change's name, its beginning, or its file." });

    public static Argument<string?> OptionalChange(string description) =>
        Watched(new Argument<string?>("CHANGE") { Description = description, Arity = ArgumentArity.ZeroOrOne });

    public static Argument<string[]> SeveralChanges(string description) =>
        Watched(new Argument<string[]>("CHANGE") { Description = description, Arity = ArgumentArity.ZeroOrMore });

    public static Option<string> OutputOf(params string[] forms)
    {
        Option<string> output = new("--output", "-o")
        {
            Description = "The output format.",
            HelpName = string.Join('|', forms),
            DefaultValueFactory = _ => "text",
        };
        output.AcceptOnlyFromAmong(forms);
        return output;
    }

    public static string FormOf(ParseResult parse) =>
        parse.GetResult("--output") is null ? "text" : parse.GetValue<string>("--output") ?? "text";

    public static bool IsJson(ParseResult parse) => FormOf(parse) == "json";

    /// <summary>Adds options to a command.</summary>
    public static void Add(this Command command, IEnumerable<Option> options)
    {
        foreach (Option option in options)
        {
            command.Add(option);
        }
    }

    /// <summary>A text that is empty comes from a variable that is not set.</summary>
    public static void NotEmpty(OptionResult result)
    {
        if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
        {
            result.AddError($"'{result.Option.Name}' is empty.");
        }
    }

    // The parser takes a misspelt option for an argument.
    private static T Watched<T>(T argument)
        where T : Argument
    {
        // Without a help name, help would list all completions: every change file.
        argument.HelpName = argument.Name;
        argument.CompletionSources.Add(ChangeCompletion.Names);
        argument.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
            {
                result.AddError($"'{argument.Name}' is empty.");
            }

            foreach (string text in result.Tokens.Select(token => token.Value).Where(text => text.StartsWith('-')))
            {
                result.AddError($"{UnknownOption} '{text}'.");
            }
        });
        return argument;
    }
}
