using System.CommandLine;
using System.Data.Common;
using Segue.Engines;
using Segue.Ledger;
using Segue.Projects;

namespace Segue.Cli.Running;

/// <summary>Settings, connection and the errors of a database, the same for every verb that needs one.</summary>
internal static class DatabaseVerb
{
    /// <summary>The verb does this with its database.</summary>
    public static void OnDatabase(
        this Command verb,
        Host host,
        Func<Session, ParseResult, CancellationToken, Task<ExitCode>> body
    ) =>
        verb.SetAction(
            (parse, cancel) => RunAsync(host, parse, (session, token) => body(session, parse, token), cancel)
        );

    public static async Task<int> RunAsync(
        Host host,
        ParseResult parse,
        Func<Session, CancellationToken, Task<ExitCode>> body,
        CancellationToken cancel
    )
    {
        Hints hints = Project.HintsOf(parse);
        Reporter report = new(host, CommonOptions.IsJson(parse), hints);
        Task<ExitCode> Fail(Failure failure) => Task.FromResult(report.Fail(failure));

        return (int)
            await Project
                .Open(host, parse)
                .Match(
                    project =>
                        project
                            .Database(
                                parse.GetValue(CommonOptions.Database),
                                KnownEngines.All,
                                Project.OptionsOf(host, parse)
                            )
                            .Match(request => ConnectedAsync(project, request), Fail),
                    Fail
                );

        async Task<ExitCode> ConnectedAsync(SegueProject project, ConnectRequest request) =>
            await (await host.Connect(request, cancel)).Match(
                engine =>
                    GuardedAsync(
                        new Session
                        {
                            Host = host,
                            Report = report,
                            Hints = hints,
                            Target = new SegueTarget(
                                project.For(request),
                                engine,
                                request.Address,
                                Project.OptionsOf(host, parse)
                            ),
                        },
                        body,
                        cancel
                    ),
                Fail
            );
    }

    private static async Task<ExitCode> GuardedAsync(
        Session session,
        Func<Session, CancellationToken, Task<ExitCode>> body,
        CancellationToken cancel
    )
    {
        await using SegueTarget target = session.Target;
        try
        {
            return await body(session, cancel);
        }
        catch (LedgerTooNewException newer)
        {
            return session.Report.Fail(new Failure(FailureKind.Refused, [new Problem("ledger", newer.Message, "")]));
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            return session.Report.Fail(
                new Failure(
                    FailureKind.Interrupted,
                    [new Problem("segue", "interrupted; nothing was being changed.", "")]
                )
            );
        }
        catch (DbException error)
        {
            DatabaseAddress address = target.Address!;
            string what = address.Redact(target.Engine.Execution.Describe(error));
            return session.Report.Fail(
                new Failure(FailureKind.Failed, [new Problem($"database {address.Server}", what, "")])
            );
        }
    }
}
