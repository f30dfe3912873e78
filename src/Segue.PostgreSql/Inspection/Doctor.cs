using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Ledger;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Inspection;

/// <summary>Checks server, role and database in the way a change uses them.</summary>
internal sealed class Doctor(Database database, IReadOnlyList<Database> standbys) : IDoctor
{
    public async Task<IReadOnlyList<Diagnosis>> ExamineAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        ServerFacts server = await CatalogReader.ServerAsync(connection, cancel);
        List<Diagnosis> found = [Version(server), Pooler(server)];
        foreach ((string topic, string query) in DoctorQuestions.All)
        {
            found.AddRange(await AskAsync(connection, topic, query, cancel));
        }

        IReadOnlyList<Diagnosis> damage = await new LedgerDiagnosis(connection).ExamineAsync(cancel);
        if (damage.Count > 0)
        {
            found.RemoveAll(each => each is { Topic: LedgerDiagnosis.Topic, Health: Health.Good });
        }

        found.AddRange(damage);
        found.AddRange(await new StarDiagnosis(connection).ExamineAsync(server.Role, cancel));
        foreach (Database standby in standbys)
        {
            found.Add(await StandbyAsync(standby, cancel));
        }

        return found;
    }

    internal static Diagnosis Version(ServerFacts server)
    {
        string[] objections =
        [
            .. Refusals.OfVersion(server, "server").Select(problem => $"{problem.What} {problem.Remedy}"),
        ];
        return objections.Length > 0
            ? new Diagnosis("version", Health.Bad, Capital(string.Join(" ", objections)))
            : new Diagnosis(
                "version",
                Health.Good,
                $"PostgreSQL {server.VersionNumber / 10000}.{server.VersionNumber % 10000}, role "
                    + $"{server.Role}, search path {string.Join(", ", server.SearchPath)}."
            );
    }

    /// <summary>Whether a pooler between us and the server assigns sessions of its own.</summary>
    internal static Diagnosis Pooler(ServerFacts server) =>
        Refusals.OfPooler(server, "server") is { } problem
            ? new Diagnosis("pooler", Health.Bad, $"{Capital(problem.What)} {problem.Remedy}")
            : new Diagnosis("pooler", Health.Good, "The connection goes directly to the server.");

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>Each query returns rows of health ('good', 'limited', 'bad') and message.</summary>
    private static async Task<IReadOnlyList<Diagnosis>> AskAsync(
        NpgsqlConnection connection,
        string topic,
        string query,
        CancellationToken cancel
    )
    {
        try
        {
            return await connection.QueryAsync(
                query,
                row => new Diagnosis(topic, Enum.Parse<Health>(row.GetString(0), ignoreCase: true), row.GetString(1)),
                cancel
            );
        }
        catch (PostgresException error)
        {
            return [new Diagnosis(topic, Health.Limited, $"Could not be checked: {Errors.Describe(error)}")];
        }
    }

    private async Task<Diagnosis> StandbyAsync(Database standby, CancellationToken cancel)
    {
        try
        {
            ServerIdentity written = await ServerIdentity.OfAsync(database, cancel);
            return
                NamedReplicas.FindingOf(
                    standby.Host,
                    (await ServerIdentity.OfAsync(standby, cancel)).ReplicaOf(written)
                )
                    is { } finding
                ? new Diagnosis(
                    "standby",
                    finding.Remedy is null ? Health.Limited : Health.Bad,
                    $"{finding.What} {finding.Remedy}".TrimEnd()
                )
                : new Diagnosis(
                    "standby",
                    Health.Good,
                    $"{standby.Host} is a standby and can be queried: Segue waits for its readers "
                        + "before it takes a strong lock."
                );
        }
        catch (NpgsqlException error)
        {
            return new Diagnosis(
                "standby",
                Health.Bad,
                $"{standby.Host} cannot be reached: {Errors.Describe(error)} Segue cannot wait for its readers."
            );
        }
    }
}
