using System.CommandLine;
using System.Data.Common;
using Segue.Cli.Commands;
using Segue.Cli.Connections;
using Segue.Engines;
using Segue.Ledger;
using Segue.Running;

namespace Segue.Cli.Running;

/// <summary>Settings, connection and the ways a database can fail, the same for every verb that needs one.</summary>
internal static class DatabaseVerb
{
    public static async Task<int> RunAsync(
        Host host,
        ParseResult parse,
        Func<Session, CancellationToken, Task<ExitCode>> body,
        CancellationToken cancel
    )
    {
        Reporter report = new(
            host,
            CommonOptions.IsJson(parse),
            new Hints(parse.GetValue(CommonOptions.Database), parse.GetValue(CommonOptions.Changes))
        );
        Task<ExitCode> Fail(Failure failure) => Task.FromResult(report.Fail(failure));

        return (int)
            await Project
                .Open(host, parse)
                .Match(
                    project =>
                        new DatabaseChoice(project.Settings, host.Variable)
                            .Resolve(parse.GetValue(CommonOptions.Database))
                            .Match(request => ConnectedAsync(host, report, project, request), Fail),
                    Fail
                );

        async Task<ExitCode> ConnectedAsync(Host host, Reporter report, Project project, ConnectRequest request)
        {
            RunOptions options = project.Settings.Run.ToOptions(
                $"{Environment.UserName}@{Environment.MachineName}, process {Environment.ProcessId}"
            );
            Result<IEngine> connected = await host.Connect(request, cancel);
            return await connected.Match(
                engine =>
                    GuardedAsync(
                        new Session
                        {
                            Host = host,
                            Report = report,
                            Project = project,
                            Engine = engine,
                            Target = request.Target,
                            RunOptions = options,
                        },
                        body,
                        cancel
                    ),
                Fail
            );
        }
    }

    private static async Task<ExitCode> GuardedAsync(
        Session session,
        Func<Session, CancellationToken, Task<ExitCode>> body,
        CancellationToken cancel
    )
    {
        await using IEngine engine = session.Engine;
        try
        {
            return await body(session, cancel);
        }
        catch (LedgerTooNewException newer)
        {
            return session.Report.Fail(new Failure(ExitCode.Refused, [new Problem("ledger", newer.Message, "")]));
        }
        catch (Exception) when (cancel.IsCancellationRequested)
        {
            return session.Report.Fail(new Failure(ExitCode.Interrupted, [new Problem("segue", "interrupted.", "")]));
        }
        catch (DbException error)
        {
            string what = session.Target.Redact(engine.Execution.Describe(error));
            return session.Report.Fail(
                new Failure(ExitCode.Failed, [new Problem($"database {session.Target.Address}", what, "")])
            );
        }
    }
}
