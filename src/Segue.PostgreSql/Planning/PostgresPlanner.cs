using Npgsql;
using Segue.Changes;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Planning.Assembly;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Explaining;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning;

/// <summary>Reads the target's catalog, asks the server questions, and returns the plan. Changes nothing.</summary>
internal sealed class PostgresPlanner(Database database, ILedgerReader ledger) : IPlanner
{
    public async Task<PlanOutcome> PlanAsync(Change change, PlanOptions options, CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        ServerFacts server = await CatalogReader.ServerAsync(connection, cancel);
        Problem[] refused = [.. Refusals.OfServer(server, change.Name)];
        if (refused.Length > 0)
        {
            return new PlanOutcome.Refused(refused);
        }

        // All effects of the questions are rolled back. The limits keep even the weak lock of reading a definition from
        // queueing for long.
        await using NpgsqlTransaction probing = await connection.BeginTransactionAsync(cancel);
        await connection.ExecuteAsync(
            "SELECT set_config('lock_timeout', '2s', true), set_config('statement_timeout', '30s', true), "
                + "set_config('client_min_messages', 'warning', true)",
            cancel
        );

        // Named explicitly, temporary tables come last: a probe's copy must not hide the table it is a copy of.
        await connection.SetLocalAsync(
            cancel,
            [
                LocalSettings.SearchPath([.. server.SearchPath, "pg_temp"]),
                .. server.Settings.Select(setting => (setting.Key, setting.Value)),
            ]
        );
        PlanDraft plan = new(change, options);
        foreach ((string name, string value) in server.Settings)
        {
            plan.Settings.Add(name, value);
        }

        Draft draft = new(connection, server, plan, cancel)
        {
            Time = database.Time,
            Statements = new StatementProbe(database),
        };
        await draft.CheckEncodingAsync(change.Name, "description", change.Description);
        return await new PlanAssembly(
            plan,
            new PlanningTarget(connection, server, cancel),
            ledger,
            new ChangePlanning(draft)
        ).AssembleAsync(cancel);
    }
}
