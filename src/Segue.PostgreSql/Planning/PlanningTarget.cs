using System.Globalization;
using Npgsql;
using Segue.Changes;
using Segue.Planning;
using Segue.Planning.Assembly;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Constraints;

namespace Segue.PostgreSql.Planning;

/// <summary>What the assembly of a plan asks of the server, inside the transaction that will be rolled back.</summary>
internal sealed class PlanningTarget(NpgsqlConnection connection, ServerFacts server, CancellationToken cancel)
    : IPlanningTarget
{
    public string Engine => ServerFacts.Engine;

    public string Product => $"PostgreSQL {server.Major}";

    /// <summary>All features: the planning of each kind refuses those that need a later server version.</summary>
    public IReadOnlySet<ServerFeature> Features { get; } = Enum.GetValues<ServerFeature>().ToHashSet();

    public int MajorVersion => server.Major;

    public IReadOnlyList<string> SearchPath => server.SearchPath;

    public Limits Clamp(Limits wanted) => LockLimits.Under(wanted, server.DeadlockTimeoutMs);

    public async Task<string?> IdentityAsync(TableName table) =>
        (await CatalogReader.OidAsync(connection, table, cancel))?.ToString(CultureInfo.InvariantCulture);

    public Task<IReadOnlyList<string>> FingerprintAsync(IReadOnlyList<string> relations) =>
        Fingerprint.OfAsync(connection, relations, cancel);

    public async Task<IReadOnlyDictionary<string, string>> PartitionsAsync(IReadOnlyList<string> relations) =>
        (
            await connection.QueryAsync(
                """
                SELECT leaf, format('%I.%I', n.nspname, c.relname) FROM unnest($1) AS leaf
                JOIN pg_class l ON l.oid = to_regclass(leaf) AND l.relispartition
                JOIN pg_class c ON c.oid = pg_partition_root(l.oid) JOIN pg_namespace n ON n.oid = c.relnamespace
                """,
                row => KeyValuePair.Create(row.GetString(0), row.GetString(1)),
                cancel,
                (object)relations.ToArray()
            )
        ).ToDictionary();

    public IReadOnlyList<StagedStep> Join(IReadOnlyList<StagedStep> steps) => JoinedProofs.Of(steps);
}
