using System.CommandLine;
using Segue.Cli.Commands;
using Segue.Engines;
using Segue.Projects;

namespace Segue.Cli;

/// <summary>The command line from arguments to exit code.</summary>
internal sealed class App(Host host)
{
    // An expression may begin with @, and an option is never a bundle of letters.
    private static readonly ParserConfiguration Parsing = new()
    {
        ResponseFileTokenReplacer = null,
        EnablePosixBundling = false,
    };

    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        bool json =
            arguments.Contains("--output=json")
            || arguments.Zip(arguments.Skip(1)).Any(pair => pair is ("--output" or "-o", "json"));
        Reporter report = new(host, json);
        InvocationConfiguration invocation = new()
        {
            // Signals are handled by the process; see Signals.
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
            Output = host.Out.Profile.Out.Writer,
            Error = host.Error.Profile.Out.Writer,
        };
        try
        {
            ParseResult parse = SegueCommand.Create(host).Parse(arguments, Parsing);
            if (IsCompletion(arguments))
            {
                return await parse.InvokeAsync(invocation, cancel);
            }

            if (parse.Errors.Count > 0)
            {
                return (int)report.Fail(UsageErrors.Of(parse));
            }

            if (UsageErrors.OfUnknownVerb(parse) is { } unknown)
            {
                return (int)report.Fail(unknown);
            }

            return await parse.InvokeAsync(invocation, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return (int)ExitCode.Interrupted;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (int)Failed(report, error);
        }
        catch (Exception error)
        {
            return (int)report.Fail(Fault(error));
        }
    }

    /// <summary>A shell asks for completions; the line is not a complete command yet.</summary>
    private static bool IsCompletion(IReadOnlyList<string> arguments) =>
        arguments is [['[', 's', 'u', 'g', 'g', 'e', 's', 't', ..], ..];

    private static ExitCode Failed(Reporter report, Exception error)
    {
        try
        {
            return report.Fail(new Failure(FailureKind.Failed, [new Problem("segue", error.Message, "")]));
        }
        catch (Exception also) when (also is IOException or UnauthorizedAccessException)
        {
            // Stdout cannot be written; stderr has the reason.
            return ExitCode.Failed;
        }
    }

    private Failure Fault(Exception error)
    {
        string what = host.Variable("SEGUE_TRACE") is null
            ? $"{error.GetType().Name}: {error.Message}"
            : error.ToString();
        return new Failure(
            FailureKind.Failed,
            [
                new Problem(
                    "segue",
                    $"internal error in Segue (please report): {Redaction.Of(what)}",
                    "Include the output of the same command with SEGUE_TRACE=1 in the report."
                ),
            ]
        );
    }
}
