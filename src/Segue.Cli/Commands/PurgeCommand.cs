using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Segue.Cli.Running;
using Segue.Cli.Status;
using Segue.Execution;
using Segue.Ledger;
using Segue.Projects;

namespace Segue.Cli.Commands;

/// <summary><c>segue purge [CHANGE]</c>: lists or drops what is kept of dropped tables and columns.</summary>
internal static class PurgeCommand
{
    public static Command Create(Host host)
    {
        Argument<string?> change = CommonOptions.OptionalChange(
            "Permanently drops the tables and columns that this change keeps. Default: lists what is kept."
        );
        Option<bool> now = new("--now") { Description = "Drop them even if their time is not over." };
        Option<bool> list = new("--list") { Description = "Only list what is kept, and until when." };
        Verb verb = new(
            "purge",
            "Lists dropped tables and columns that are kept, or drops those of a change permanently.",
            "`segue rollback` restores a kept table or column. A purge cannot be undone, so it asks for "
                + "confirmation; without a terminal, pass --yes.",
            "segue purge                                      lists what is kept",
            "segue purge 0040_drop_orders                     after its time has passed",
            "segue purge 0040 --now --yes                     at once, without confirmation"
        )
        {
            change,
            now,
            list,
            CommonOptions.Database,
            CommonOptions.Changes,
            CommonOptions.Output,
            CommonOptions.Reason,
            CommonOptions.Yes,
        };
        verb.Add(LimitOptions.Running);
        verb.OnDatabase(
            host,
            (session, parse, cancel) =>
                RunAsync(
                    session,
                    parse.GetValue(change),
                    new Request(parse.GetValue(list), parse.GetValue(now), parse.GetValue(CommonOptions.Yes)),
                    cancel
                )
        );
        return verb;
    }

    private static async Task<ExitCode> RunAsync(
        Session session,
        string? wanted,
        Request request,
        CancellationToken cancel
    )
    {
        if (wanted is null)
        {
            return request.Now
                ? session.Report.Fail(
                    Failure.BadInput(
                        "segue purge",
                        "--now needs a change: nothing is dropped permanently unless it is named.",
                        "Name it: `segue purge CHANGE --now`."
                    )
                )
                : await ListAsync(session, null, cancel);
        }

        await session.Target.RepairLedgerAsync(cancel);
        return await session.WithChangeAsync(
            wanted,
            name => request.List ? ListAsync(session, name, cancel) : PurgeAsync(session, name, request, cancel),
            cancel
        );
    }

    private static async Task<ExitCode> PurgeAsync(
        Session session,
        string change,
        Request request,
        CancellationToken cancel
    )
    {
        if (
            !request.Yes
            && await Confirmation.AskAsync(session.Host, "purge", await QuestionAsync(session, change, cancel), cancel)
                is { } failure
        )
        {
            return session.Report.Fail(failure);
        }

        ChangeRun run = new(session, change, []);
        return await Conclusion.FollowAsync(
            session,
            run,
            events => session.Target.PurgeAsync(change, request.Now, events: events, cancel: cancel)
        );
    }

    private static async Task<string> QuestionAsync(Session session, string change, CancellationToken cancel)
    {
        string[] kept =
        [
            .. (await session.Target.KeptAsync(cancel))
                .Where(record => record.Change == change)
                .Select(record => $"{record.What}, kept {KeptTime.Words(record.Until, record.IsOver)}"),
        ];
        string what = kept.Length == 0 ? $"what {change} keeps" : string.Join("; ", kept);
        return $"Database {session.Target.Address}. It drops permanently: {what}. They cannot be restored afterwards. "
            + $"Purge {change}?";
    }

    /// <param name="change">Null: all.</param>
    private static async Task<ExitCode> ListAsync(Session session, string? change, CancellationToken cancel)
    {
        RetainedRecord[] kept =
        [
            .. (await session.Target.KeptAsync(cancel)).Where(record => change is null || record.Change == change),
        ];
        if (session.Report.IsJson)
        {
            session.Report.Document(
                new JsonObject
                {
                    ["kept"] = new JsonArray([
                        .. kept.Select(record => new JsonObject
                        {
                            ["change"] = record.Change,
                            ["what"] = record.What,
                            ["relation"] = record.Relation,
                            ["since"] = JsonSerializer.SerializeToNode(record.Since),
                            ["until"] = JsonSerializer.SerializeToNode(record.Until),
                            ["isOver"] = record.IsOver,
                        }),
                    ]),
                }
            );
        }
        else
        {
            Write(session.Report.Results, kept);
        }

        return ExitCode.Done;
    }

    private static void Write(Sheet sheet, IReadOnlyList<RetainedRecord> kept)
    {
        if (kept.Count == 0)
        {
            sheet.Line("Nothing is kept.");
        }

        foreach (RetainedRecord record in kept)
        {
            sheet.Line(
                (record.What, Ink.Strong),
                ($"  is kept {KeptTime.Words(record.Until, record.IsOver)}", record.IsOver ? Ink.Warning : Ink.Plain),
                ($"  ({record.Change}, as {record.Relation})", Ink.Faint)
            );
        }
    }

    private readonly record struct Request(bool List, bool Now, bool Yes);
}
