using System.CommandLine;
using System.Text.Json.Nodes;
using Segue.Cli.Rendering;
using Segue.Cli.Running;
using Segue.Engines;
using Segue.Projects;

namespace Segue.Cli.Commands;

/// <summary>
/// <c>segue explain "ALTER TABLE ..."</c>: the effects of a statement on tables and the code that uses them.
/// </summary>
internal static class ExplainCommand
{
    public const string Name = "explain";

    public static Command Create(Host host)
    {
        Argument<string> statement = new("statement") { Description = "One SQL statement." };
        Verb verb = new(
            Name,
            "Reports what an SQL statement would lock, block, rewrite, read and break, and how to do it safely.",
            "A statement about tables runs on empty copies of them, in a separate session; the tables "
                + "themselves are not touched. A statement about views, functions, types and similar objects "
                + "runs as it is and is rolled back at once. Exit code 3: apps would wait while it works, "
                + "running code would lose a name, could not write its rows or would meet other behaviour, "
                + "data would be lost, or unknown code would run. Exit code 2: it cannot be tried.",
            "segue explain \"ALTER TABLE orders ALTER total TYPE bigint\"",
            "segue explain \"DROP VIEW recent_orders\"",
            "segue explain \"CREATE INDEX ON orders (region)\" --output json"
        )
        {
            statement,
            CommonOptions.Database,
            CommonOptions.Changes,
            CommonOptions.Output,
        };
        verb.OnDatabase(host, (session, parse, cancel) => RunAsync(session, parse.GetValue(statement)!, cancel));
        return verb;
    }

    private static async Task<ExitCode> RunAsync(Session session, string statement, CancellationToken cancel)
    {
        switch (await session.Target.Engine.Inspection.Statements.ExplainAsync(statement, cancel))
        {
            case Explanation.Measured { Effect: var effect }:
                if (session.Report.IsJson)
                {
                    session.Report.Document(ExplanationJson.Of(effect));
                }
                else
                {
                    new ExplanationText(session.Report.Results).Write(effect);
                }

                return effect.IsHarmful ? ExitCode.Refused : ExitCode.Done;
            case Explanation.NotMeasured { Problem: var problem }:
                return session.Report.Fail(new Failure(FailureKind.BadInput, [problem]));
            default:
                throw new InvalidOperationException("The engine returned an unknown answer.");
        }
    }
}
