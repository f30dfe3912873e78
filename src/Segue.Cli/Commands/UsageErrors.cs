using System.CommandLine;
using System.CommandLine.Parsing;
using Segue.Engines;
using Segue.Projects;
using Segue.Yaml;

namespace Segue.Cli.Commands;

/// <summary>The mistake in a command line, with the word that was probably meant.</summary>
internal static class UsageErrors
{
    public static Failure Of(ParseResult parse)
    {
        string command = PathOf(parse.CommandResult);
        string remedy = $"`{command} --help` shows its arguments and options.";
        IEnumerable<string> messages = parse.Errors.Select(error => error.Message).Distinct(StringComparer.Ordinal);
        // The value of a misspelt option is not a second mistake.
        if (messages.Any(message => message.StartsWith(CommonOptions.UnknownOption, StringComparison.Ordinal)))
        {
            messages = messages.Where(message => !message.StartsWith("Unrecognized command", StringComparison.Ordinal));
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
        string? word =
            command.Subcommands.Count > 0
                ? parse.UnmatchedTokens.FirstOrDefault(token => !token.StartsWith('-'))
                : null;
        return word is null
            ? null
            : Failure.BadInput(
                PathOf(parse.CommandResult),
                Hinted($"Unrecognized command or argument '{word}'.", [.. Known(command)]),
                $"`{PathOf(parse.CommandResult)} --help` shows its arguments and options."
            );
    }

    private static string Hinted(string message, string[] known)
    {
        string[] parts = message.Split('\'');
        bool isUnknown = parts.Length >= 3 && message.StartsWith("Unrecognized", StringComparison.Ordinal);
        return isUnknown && Nearest.To(parts[1], known) is { } meant ? $"{message} Did you mean {meant}?" : message;
    }

    private static IEnumerable<string> Known(Command command) =>
        command.Subcommands.Select(verb => verb.Name).Concat(command.Options.Select(option => option.Name));

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{PathOf(parent)} {result.Command.Name}" : "segue";
}
