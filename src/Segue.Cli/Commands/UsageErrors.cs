using System.CommandLine;
using System.CommandLine.Parsing;
using Segue.Engines;
using Segue.Projects;
using Segue.Yaml;

namespace Segue.Cli.Commands;

/// <summary>The mistake in a command line, with the word that was probably meant.</summary>
internal static class UsageErrors
{
    /// <summary>The form of an option that takes true or false; others are given or not.</summary>
    public const string Flag = "true|false";

    public static Failure Of(ParseResult parse)
    {
        string command = PathOf(parse.CommandResult);
        string remedy = $"`{command} --help` shows its arguments and options.";
        IEnumerable<string> messages = parse
            .Errors.Select(error => Worded(error.Message, parse))
            .Distinct(StringComparer.Ordinal);
        // The value of a misspelt option is not a second mistake.
        if (messages.Any(message => message.StartsWith(CommonOptions.UnknownOption, StringComparison.Ordinal)))
        {
            messages = messages.Where(message => !message.StartsWith("Unrecognized command", StringComparison.Ordinal));
        }

        // A misspelt verb counts as a missing one, and its arguments belong to it.
        if (parse.CommandResult.Command.Subcommands.Count > 0 && FirstWord(parse) is { } verb)
        {
            messages = messages.Where(message => message.Contains($"'{verb}'", StringComparison.Ordinal));
        }

        if (IsUnquoted(parse))
        {
            messages = ["The statement has several words: put it in quotes."];
        }

        string[] known = [.. Known(parse.CommandResult.Command)];
        return new Failure(
            FailureKind.BadInput,
            [.. messages.Select(message => new Problem(command, Hinted(message, known), remedy))]
        );
    }

    /// <summary>Help clears the parser's errors, including a misspelt verb. Null if there is none.</summary>
    public static Failure? OfUnknownVerb(ParseResult parse)
    {
        Command command = parse.CommandResult.Command;
        string? word = command.Subcommands.Count > 0 ? FirstWord(parse) : null;
        return word is null
            ? null
            : Failure.BadInput(
                PathOf(parse.CommandResult),
                Hinted($"Unrecognized command or argument '{word}'.", [.. Known(command)]),
                $"`{PathOf(parse.CommandResult)} --help` shows its arguments and options."
            );
    }

    /// <summary>
    /// The parser names a value's type as .NET does, and takes what follows a flag for an argument.
    /// </summary>
    private static string Worded(string message, ParseResult parse)
    {
        string[] parts = message.Split('\'');
        if (parts.Length >= 3 && FlagBefore(parts[1], parse) is { } flag)
        {
            return $"'{flag}' must be {Form(nameof(Boolean))}, not '{parts[1]}'.";
        }

        return parts is [_, var value, _, var name, _, var type, ..] && message.Contains(" as expected type ")
            ? $"'{name}' must be {Form(type)}, not '{value}'."
            : message;
    }

    /// <summary>The option that takes true or false and stands before a word.</summary>
    private static string? FlagBefore(string word, ParseResult parse) =>
        parse
            .Tokens.Zip(parse.Tokens.Skip(1))
            .Where(pair => pair.Second.Value == word)
            .Select(pair => pair.First.Value)
            .FirstOrDefault(name =>
                parse.CommandResult.Command.Options.Any(option =>
                    option.Name == name && option is Option<bool> { HelpName: Flag }
                )
            );

    private static string Form(string type) =>
        type.Contains(nameof(Boolean), StringComparison.Ordinal) ? "true or false" : "a whole number";

    private static string? FirstWord(ParseResult parse) =>
        parse.UnmatchedTokens.FirstOrDefault(token => !token.StartsWith('-'));

    /// <summary>SQL was typed as words: <c>segue explain DROP TABLE orders</c>.</summary>
    private static bool IsUnquoted(ParseResult parse) =>
        parse.CommandResult.Command.Name == ExplainCommand.Name && FirstWord(parse) is not null;

    /// <summary>Options of other tools, with what they are called here.</summary>
    private static string? Elsewhere(string option) =>
        option switch
        {
            "--json" => "--output json",
            "--format" => "--output",
            "--dry-run" => "`segue plan`, which changes nothing",
            _ => null,
        };

    private static string Hinted(string message, string[] known)
    {
        string[] parts = message.Split('\'');
        if (parts.Length >= 3 && Elsewhere(parts[1]) is { } here)
        {
            return $"{message} Here it is {here}.";
        }

        bool isUnknown = parts.Length >= 3 && message.StartsWith("Unrecognized", StringComparison.Ordinal);
        return isUnknown && Nearest.To(parts[1], known) is { } meant ? $"{message} Did you mean {meant}?" : message;
    }

    private static IEnumerable<string> Known(Command command) =>
        command.Subcommands.Select(verb => verb.Name).Concat(command.Options.Select(option => option.Name));

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "segue";
}
