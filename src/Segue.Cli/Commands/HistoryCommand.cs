using System.CommandLine;
using System.Text.Json.Nodes;
using Segue.Cli.Running;
using Segue.Ledger;
using Segue.Projects;

namespace Segue.Cli.Commands;

/// <summary><c>segue history [CHANGE]</c>: who did what when, from the ledger's chain of events.</summary>
internal static class HistoryCommand
{
    private const int Usual = 100;
    private const int Most = 10_000;
    private const int LongestKind = 16;

    private static readonly Option<int> Limit = NumberOption.Between(
        1,
        Most,
        Usual,
        "--limit",
        "NUMBER",
        $"How many of the latest events to show. Default: {Usual}."
    );

    private static readonly Option<bool> Verify = new("--verify")
    {
        Description = "Check that no event of the ledger was altered, removed or inserted. Exit code 1 if one was.",
    };

    public static Command Create(Host host)
    {
        Argument<string?> change = CommonOptions.OptionalChange("Shows events of this change. Default: of all.");
        Verb verb = new(
            "history",
            "Shows who did what when.",
            "The ledger's events are a chain: each holds the hash of the one before it. --verify computes all hashes "
                + "anew. It cannot find that the latest events are missing: keep the last hash elsewhere for that.",
            "segue history",
            "segue history 0007 --limit 20",
            "segue history --verify --output json"
        )
        {
            change,
            Limit,
            Verify,
            CommonOptions.Database,
            CommonOptions.Changes,
            CommonOptions.Output,
        };
        verb.OnDatabase(
            host,
            (session, parse, cancel) =>
                RunAsync(session, parse.GetValue(change), parse.GetValue(Limit), parse.GetValue(Verify), cancel)
        );
        return verb;
    }

    private static async Task<ExitCode> RunAsync(
        Session session,
        string? wanted,
        int limit,
        bool verify,
        CancellationToken cancel
    )
    {
        Result<string?> named = wanted is null
            ? new Result<string?>.Good(null)
            : (await session.Target.ResolveAsync(wanted, cancel)).Match<Result<string?>>(
                name => new Result<string?>.Good(name),
                failure => new Result<string?>.Bad(failure)
            );
        return await named.Match(
            async change =>
            {
                IReadOnlyList<LedgerEvent> events = await session.Target.HistoryAsync(change, limit, cancel);
                HistoryCheck? chain = verify ? await session.Target.VerifyHistoryAsync(cancel) : null;
                return Tell(session.Report, events, chain, isOne: change is not null);
            },
            failure => Task.FromResult(session.Report.Fail(failure))
        );
    }

    private static ExitCode Tell(Reporter report, IReadOnlyList<LedgerEvent> events, HistoryCheck? chain, bool isOne)
    {
        if (report.IsJson)
        {
            JsonObject document = new() { ["events"] = new JsonArray([.. events.Select(ToJson)]) };
            if (chain is not null)
            {
                document["chain"] = ToJson(chain);
            }

            report.Document(document);
        }
        else
        {
            Write(report.Results, events, isOne);
            if (chain is not null)
            {
                Write(report.Results, chain);
            }
        }

        return chain is { FirstBroken: not null } ? ExitCode.Failed : ExitCode.Done;
    }

    private static void Write(Sheet sheet, IReadOnlyList<LedgerEvent> events, bool isOne)
    {
        int width = events.Select(entry => entry.Change?.Length ?? 0).DefaultIfEmpty().Max();
        foreach (LedgerEvent entry in events)
        {
            sheet.Line(
                ($"{entry.At:u}  ", Ink.Faint),
                (isOne ? "" : $"{(entry.Change ?? "").PadRight(width)}  ", Ink.Strong),
                ($"{entry.Kind, -LongestKind}  ", Ink.Plain),
                (entry.Message, Ink.Plain)
            );
        }

        if (events.Count == 0)
        {
            sheet.Line("No events.");
        }
    }

    private static JsonObject ToJson(LedgerEvent entry) =>
        new()
        {
            ["id"] = entry.Id,
            ["at"] = entry.At,
            ["change"] = entry.Change,
            ["kind"] = entry.Kind,
            ["message"] = entry.Message,
            ["hash"] = entry.Hash,
        };

    private static JsonObject ToJson(HistoryCheck chain) =>
        new()
        {
            ["events"] = chain.Events,
            ["unaltered"] = chain.FirstBroken is null,
            ["firstBroken"] = chain.FirstBroken?.Id,
            ["lastHash"] = chain.LastHash,
        };

    private static void Write(Sheet sheet, HistoryCheck chain)
    {
        sheet.Line();
        if (chain.FirstBroken is { } broken)
        {
            sheet.Prose(
                0,
                $"The chain is broken at event {broken.Id} of {broken.At:u} ({broken.Kind}): it, or one before "
                    + "it, was altered, removed or inserted manually.",
                Ink.Bad
            );
            return;
        }

        sheet.Line(($"The chain of {Plain.Count(chain.Events)} events is unaltered.", Ink.Good));
        sheet.Line(($"last hash {chain.LastHash}", Ink.Faint));
    }
}
