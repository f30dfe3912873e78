namespace Segue.PostgreSql.Explaining;

/// <summary>The query that reads every <see cref="Reliance"/> of a database.</summary>
internal static class RelianceQuery
{
    public static string Of(Version version) =>
        $"""
            WITH login AS (SELECT *, 'role ' || oid AS thing FROM pg_roles WHERE rolname !~ '^pg_'),
                publication AS (SELECT *, 'publication ' || oid AS thing FROM pg_publication)
            {PublishedEvents}
            UNION ALL {PublishedTables}
            {(version.Major < 15 ? "" : $"UNION ALL {PublishedSchemas}")}
            UNION ALL {Subscriptions}
            UNION ALL {Memberships}
            UNION ALL {Rights(version)}
            UNION ALL {DatabaseLimit}
            UNION ALL {SessionSettings}
            UNION ALL {EventTriggers}
            """;

    private const string PublishedEvents = """
        SELECT concat_ws(' ', 'event', p.thing, e.word) AS key, p.thing AS parent, 'Changes' AS kind,
            format('the publication %I no longer publishes %s: subscribers miss those of running code', pubname,
            e.word) AS what, false AS is_told, 0::float8 AS amount
          FROM publication p CROSS JOIN LATERAL (VALUES (pubinsert, 'inserts'), (pubupdate, 'updates'),
              (pubdelete, 'deletes'), (pubtruncate, 'truncates')) AS e(does, word) WHERE e.does
        """;

    private const string PublishedTables = """
        SELECT concat_ws(' ', 'rows', p.thing, r.prrelid, md5(to_jsonb(r) ->> 'prqual'),
            to_jsonb(r) ->> 'prattrs'), p.thing, 'Changes', format('the publication %I no longer publishes %I.%I '
            'as before: subscribers miss what running code writes there', pubname, n.nspname, c.relname), false, 0
          FROM publication p JOIN pg_publication_rel r ON r.prpubid = p.oid JOIN pg_class c ON c.oid = r.prrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace
        """;

    /// <summary>From 15 on.</summary>
    private const string PublishedSchemas = """
        SELECT concat_ws(' ', 'rows', p.thing, s.pnnspid), p.thing, 'Changes',
            format('the publication %I no longer publishes the tables of the schema %I: '
            'subscribers miss what running code writes there', pubname, n.nspname), false, 0
          FROM publication p JOIN pg_publication_namespace s ON s.pnpubid = p.oid
              JOIN pg_namespace n ON n.oid = s.pnnspid
        """;

    private const string Subscriptions = """
        SELECT 'subscription ' || s.oid, '', 'Changes',
            format('the subscription %I no longer runs: what its publisher writes does not arrive', subname), false,
            0 FROM pg_subscription s WHERE subenabled AND subdbid = (SELECT oid FROM pg_database
            WHERE datname = current_database())
        UNION ALL SELECT concat_ws(' ', 'subscribed', s.oid, publication), 'subscription ' || s.oid, 'Changes',
            format('the subscription %I no longer takes the publication %s', subname, publication), false, 0
          FROM pg_subscription s CROSS JOIN unnest(subpublications) AS publication
              WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    private const string Memberships = """
        SELECT DISTINCT concat_ws(' ', 'member', m.member, m.roleid), 'role ' || m.roleid, 'TakesName',
            format('it takes the membership in %s from %s', pg_get_userbyid(m.roleid), pg_get_userbyid(m.member)),
            false, 0::float8 FROM pg_auth_members m
        UNION ALL SELECT DISTINCT concat_ws(' ', o.key, m.member, m.roleid),
            concat_ws(' ', 'member', m.member, m.roleid), 'TakesName',
            format('%s may no longer use the rights of %s %s', pg_get_userbyid(m.member), pg_get_userbyid(m.roleid),
            o.word), false, 0::float8
          FROM pg_auth_members m CROSS JOIN (VALUES ('inherit_option', 'without SET ROLE'),
              ('set_option', 'by SET ROLE')) AS o(key, word) WHERE (to_jsonb(m) ->> o.key)::boolean
        """;

    /// <summary>What roles may do, how many sessions they may open, until when their passwords hold.</summary>
    private static string Rights(Version version) =>
        $$"""
            SELECT concat_ws(' ', 'may', r.thing, e.word), r.thing, 'TakesName',
                format('the role %s loses %s', rolname, e.word), false, 0
              FROM login r CROSS JOIN LATERAL (VALUES (rolsuper, 'SUPERUSER'), (rolbypassrls, 'BYPASSRLS'),
                  (rolcreatedb, 'CREATEDB'), (rolcreaterole, 'CREATEROLE'), (rolreplication, 'REPLICATION'),
                  ({{version.Major < 16}} AND rolinherit, 'INHERIT')) AS e(may, word) WHERE e.may
            UNION ALL SELECT 'limit ' || thing, thing, 'Narrows',
                format('the role %s may open fewer connections: more are refused', rolname), false,
                CASE WHEN rolconnlimit < 0 THEN 'Infinity'::float8 ELSE rolconnlimit END FROM login
            UNION ALL SELECT 'until ' || thing, thing, 'Narrows',
                format('the password of %s expires earlier: logins are refused then', rolname), false,
                coalesce(extract(epoch FROM rolvaliduntil)::float8, 'Infinity'::float8) FROM login
            """;

    private const string DatabaseLimit = """
        SELECT 'limit of the database', '', 'Narrows',
            'the database takes fewer connections: more are refused', false, CASE WHEN datallowconn
            AND datconnlimit < 0 THEN 'Infinity'::float8 WHEN datallowconn THEN datconnlimit ELSE 0 END
            FROM pg_database WHERE datname = current_database()
        """;

    private const string SessionSettings = """
        SELECT concat_ws(' ', 'setting', s.setdatabase, s.setrole, md5(line)), '', 'Changes',
            format('new sessions of %s get another %s',
            coalesce(pg_get_userbyid(nullif(s.setrole, 0)), 'the database'), split_part(line, '=', 1)), true, 0
          FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS line
              WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        """;

    private const string EventTriggers = """
        SELECT 'event trigger ' || oid, '', 'Changes',
            format('the event trigger %I no longer fires', evtname), false, 0 FROM pg_event_trigger
            WHERE evtenabled IN ('O', 'A')
        """;
}
