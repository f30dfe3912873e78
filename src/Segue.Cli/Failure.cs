using Segue.Engines;
using Segue.Yaml;

namespace Segue.Cli;

/// <summary>Why a command did not do what it was asked for.</summary>
internal sealed record Failure(ExitCode Code, IReadOnlyList<Problem> Problems)
{
    public static Failure BadInput(string where, string what, string remedy) =>
        new(ExitCode.BadInput, [new Problem(where, what, remedy)]);

    public static Failure BadFile(params IReadOnlyList<FileError> errors) =>
        new(
            ExitCode.BadInput,
            [
                .. errors.Select(error => new Problem(
                    error.Line == 0 ? error.File : $"{error.File}:{error.Line}:{error.Column}",
                    error.Message,
                    error.Remedy
                )),
            ]
        );
}
