using System.CommandLine;

namespace Segue.Cli.Commands;

/// <summary>Options of every new change file.</summary>
internal static class NewChangeOptions
{
    public static readonly Option<string?> Name = new("--name", "--change")
    {
        Description = "The name of the change and its file. Default: the next number with table and column.",
        HelpName = "NAME",
        Validators = { CommonOptions.NotEmpty },
    };

    public static readonly Option<string?> Description = new("--description")
    {
        Description = "What the change is for, in a sentence.",
        HelpName = "TEXT",
    };

    /// <summary>The same as <see cref="Name"/>, for kinds that have a key called name.</summary>
    public static readonly Option<string?> Change = new("--change")
    {
        Description = "The change's name, which is its file's. Default: the next number with kind and subject.",
        HelpName = "NAME",
        Validators = { CommonOptions.NotEmpty },
    };

    public static IReadOnlyList<Option> All { get; } = [Name, Description];
}
