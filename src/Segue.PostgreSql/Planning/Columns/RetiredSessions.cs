using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// Sessions of applications that are ended once a type has changed. A session keeps the statements it prepared; those
/// that return the column fail from then on, and some drivers never prepare them again. An ended session is opened
/// again by its pool.
/// </summary>
internal sealed class RetiredSessions(IReadOnlyList<string> applications)
{
    /// <summary>How long Segue waits for busy sessions.</summary>
    private const string Patience = "30 s";

    /// <summary>
    /// Ends the sessions that are idle when the type changes, in the same transaction, so that no statement of theirs
    /// fails. A session in a transaction is not ended.
    /// </summary>
    public string AtOnce =>
        $"SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE {Ours} AND state = 'idle'";

    /// <summary>Ends the sessions that were busy then, each as soon as it is idle.</summary>
    public OnlineStep Rest(Steps steps) =>
        new()
        {
            Id = steps.IdOf("contract/sessions"),
            Title =
                $"end sessions of {string.Join(", ", applications)} that started before the type "
                + "changed, each when it is idle",
            Statement = $"DO LANGUAGE plpgsql {Sql.Literal(Loop)}",
            Impact = new Impact { Locks = [], Cost = Cost.Wait },
        };

    /// <summary>True where our role may not end the sessions that these applications have now.</summary>
    public string MayNot =>
        $"""
            EXISTS (SELECT FROM pg_catalog.pg_stat_activity a JOIN pg_catalog.pg_roles r ON r.oid = a.usesysid
              WHERE a.application_name IN ({Names}) AND a.datname = current_database()
                AND NOT (pg_has_role(a.usesysid, 'USAGE')
                    OR (NOT r.rolsuper AND pg_has_role('pg_signal_backend', 'USAGE'))))
            """;

    private string Loop =>
        $"""
            DECLARE
              began timestamptz := clock_timestamp();
            BEGIN
              LOOP
                PERFORM pg_catalog.pg_stat_clear_snapshot();
                PERFORM pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
                  WHERE {Ours} AND state = 'idle' AND backend_start < began;
                EXIT WHEN clock_timestamp() > began + interval '{Patience}'
                  OR NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE {Ours} AND backend_start < began);
                PERFORM pg_catalog.pg_sleep(0.02);
              END LOOP;
            END
            """;

    private string Names => string.Join(", ", applications.Select(Sql.Literal));

    private string Ours =>
        $"""
            application_name IN ({Names}) AND application_name <> current_setting('application_name')
                AND datname = current_database()
            """;
}
