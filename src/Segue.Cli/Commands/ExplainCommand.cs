using System.CommandLine;
using System.Text.Json.Nodes;
using Segue.Cli.Rendering;
using Segue.Cli.Running;
using Segue.Engines;

namespace Segue.Cli.Commands;

/// <summary><c>segue explain "ALTER TABLE ..."</c>: what a statement would do to tables and those who use them.</summary>
internal static class ExplainCommand
{
    public static Command Create(Host host)
    {
        Argument<string> statement = new("statement") { Description = "One SQL statement about tables, their indexes or their rows." };
        Verb verb = new(
            "explain",
            "Says what an SQL statement would lock, block, rewrite and read, and how to do it without harm.",
            "It is tried on empty copies of the tables it names, in a session of its own; the tables themselves are not touched. Exit code 3 if it would keep apps from the table while it works.",
            "segue explain \"ALTER TABLE orders ALTER total TYPE bigint\"",
            "segue explain \"CREATE INDEX ON orders (region)\" --output json")
        {
            statement, CommonOptions.Database, CommonOptions.Changes, CommonOptions.Output,
        };
        verb.SetAction((parse, cancel) => DatabaseVerb.RunAsync(host, parse, (session, token) => RunAsync(session, parse.GetValue(statement)!, token), cancel));
        return verb;
    }

    private static async Task<ExitCode> RunAsync(Session session, string statement, CancellationToken cancel)
    {
        switch (await session.Engine.Statements.ExplainAsync(statement, cancel))
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
                return session.Report.Fail(new Failure(ExitCode.BadInput, [problem]));
            default:
                throw new InvalidOperationException("The engine gave no known answer.");
        }
    }
}
