using Segue.Engines;
using Segue.Yaml;

namespace Segue.Projects;

/// <summary>Why something was not done, in words, without secrets.</summary>
/// <param name="Kind">What a caller decides by.</param>
/// <param name="Problems">One or more, each with its place, its reason and what to do.</param>
public sealed record Failure(FailureKind Kind, IReadOnlyList<Problem> Problems)
{
    /// <summary>One problem with an argument or a setting.</summary>
    public static Failure BadInput(string where, string what, string remedy) =>
        new(FailureKind.BadInput, [new Problem(where, what, remedy)]);

    /// <summary>Problems in files, with line and column.</summary>
    public static Failure BadFile(params IReadOnlyList<FileError> errors) =>
        new(
            FailureKind.BadInput,
            [
                .. errors.Select(error => new Problem(
                    error.Line == 0
                        ? ShownPath.Of(error.File)
                        : $"{ShownPath.Of(error.File)}:{error.Line}:{error.Column}",
                    error.Message,
                    error.Remedy
                )),
            ]
        );

    /// <summary>The problems, a line each.</summary>
    public override string ToString() => string.Join(Environment.NewLine, Problems);
}
