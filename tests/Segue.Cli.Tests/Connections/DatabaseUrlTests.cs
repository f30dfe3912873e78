using Npgsql;
using Segue.PostgreSql.Addresses;
using Segue.Projects;

namespace Segue.Cli.Tests.Connections;

public class DatabaseUrlTests
{
    [Theory]
    [InlineData("postgres://app@db.example.com:5433/shop", "db.example.com", 5433, "app", null, "shop")]
    [InlineData("postgresql://app:secret@db/shop", "db", 5432, "app", "secret", "shop")]
    [InlineData("POSTGRES://app@db/shop", "db", 5432, "app", null, "shop")]
    [InlineData("postgres://app:p%40ss%3A%2F%25w%C3%B6rd@db/shop", "db", 5432, "app", "p@ss:/%wörd", "shop")]
    [InlineData("postgres://app:pa/ss@db/shop", "db", 5432, "app", "pa/ss", "shop")]
    [InlineData("postgres://app:pa@ss@db/shop", "db", 5432, "app", "pa@ss", "shop")]
    [InlineData("postgres://app:pa:ss@db/shop", "db", 5432, "app", "pa:ss", "shop")]
    [InlineData("postgres://app:pa+ss@db/shop", "db", 5432, "app", "pa+ss", "shop")]
    [InlineData("postgres://my%20user@db/my%2Fshop", "db", 5432, "my user", null, "my/shop")]
    [InlineData("postgres://[2001:db8::1]:5433/shop", "2001:db8::1", 5433, null, null, "shop")]
    [InlineData("postgres://[::1]/shop", "::1", 5432, null, null, "shop")]
    [InlineData("postgres://", "localhost", 5432, null, null, null)]
    [InlineData("postgres:///shop", "localhost", 5432, null, null, "shop")]
    [InlineData("postgres://app@/shop", "localhost", 5432, "app", null, "shop")]
    [InlineData("postgres://:5433/shop", "localhost", 5433, null, null, "shop")]
    [InlineData("postgres:///shop?host=/var/run/postgresql&port=5433", "/var/run/postgresql", 5433, null, null, "shop")]
    [InlineData("postgres://db?user=app&password=a%26b&dbname=shop", "db", 5432, "app", "a&b", "shop")]
    [InlineData("postgres://%2Fvar%2Frun%2Fpostgresql/shop", "/var/run/postgresql", 5432, null, null, "shop")]
    public void Parts_are_read_as_libpq_reads_them(
        string url,
        string host,
        int port,
        string? user,
        string? password,
        string? database
    )
    {
        NpgsqlConnectionStringBuilder found = Parsed(url);

        (found.Host, found.Port, found.Username, found.Password, found.Database).ShouldBe(
            (host, port, user, password, database)
        );
    }

    [Fact]
    public void Several_hosts_keep_their_ports()
    {
        Parsed("postgres://app@a:5433,[::1]:5434,c/shop?target_session_attrs=read-write")
            .Host.ShouldBe("a:5433,[::1]:5434,c");
    }

    [Theory]
    [InlineData("sslmode=disable", SslMode.Disable)]
    [InlineData("sslmode=require", SslMode.Require)]
    [InlineData("sslmode=verify-ca", SslMode.VerifyCA)]
    [InlineData("sslmode=verify-full", SslMode.VerifyFull)]
    [InlineData("sslmode=require&sslrootcert=/ca.pem", SslMode.VerifyCA)]
    [InlineData("sslmode=verify-full&sslrootcert=/ca.pem", SslMode.VerifyFull)]
    [InlineData("sslrootcert=system", SslMode.VerifyFull)]
    public void Certificates_are_checked_as_libpq_would(string query, SslMode expected)
    {
        Parsed($"postgres://db/shop?{query}").SslMode.ShouldBe(expected);
    }

    [Fact]
    public void Parameters_of_libpq_become_those_of_Npgsql()
    {
        NpgsqlConnectionStringBuilder found = Parsed(
            "postgres://db/shop?sslrootcert=%2Fca.pem&sslmode=verify-full&application_name=deploy%20job"
                + "&connect_timeout=7&options=-c%20segue.version%3Dv2&target_session_attrs=read-write"
        );

        found.RootCertificate.ShouldBe("/ca.pem");
        found.ApplicationName.ShouldBe("deploy job");
        found.Timeout.ShouldBe(7);
        found.Options.ShouldBe("-c segue.version=v2");
        found.TargetSessionAttributes.ShouldBe("read-write");
    }

    [Theory]
    [InlineData("postgres://db/shop?sslmod=require", "'sslmod'")]
    [InlineData("postgres://db/shop?sslmode=yes", "sslmode")]
    [InlineData("postgres://db/shop?connect_timeout=soon", "connect_timeout")]
    [InlineData("postgres://db/shop?target_session_attrs=any-will-do", "target_session_attrs")]
    [InlineData("postgres://db:port/shop", "port")]
    [InlineData("postgres://db:0/shop", "port")]
    [InlineData("postgres://db:99999/shop", "port")]
    [InlineData("postgres://app:100%secret@db/shop", "password")]
    [InlineData("postgres://app:a%00b@db/shop", "password")]
    [InlineData("postgres://app:a%FFb@db/shop", "password")]
    [InlineData("postgres://db/sh%zzop", "database")]
    public void A_wrong_part_of_an_address_is_named(string url, string named)
    {
        DatabaseUrl.Parse(url, NoVariable).ShouldBeOfType<AddressParse.Invalid>().What.ShouldContain(named);
    }

    [Theory]
    [InlineData("postgres://app:sesame@db:port/shop")]
    [InlineData("postgres://app:sesame%zz@db/shop")]
    [InlineData("postgres://db/shop?password=sesame&sslmode=sesame")]
    [InlineData("postgres://app@db/shop?password=sesame&unknown=1")]
    public void No_message_repeats_a_secret(string url)
    {
        AddressParse.Invalid invalid = DatabaseUrl.Parse(url, NoVariable).ShouldBeOfType<AddressParse.Invalid>();

        $"{invalid}".ShouldNotContain("sesame");
    }

    [Fact]
    public void Variables_of_libpq_fill_what_the_url_leaves_out()
    {
        NpgsqlConnectionStringBuilder found = Parsed(
            "postgres://app@",
            name =>
                name switch
                {
                    "PGHOST" => "db.example.com",
                    "PGPORT" => "6432",
                    "PGDATABASE" => "shop",
                    _ => null,
                }
        );

        (found.Host, found.Port, found.Database).ShouldBe(("db.example.com", 6432, "shop"));
    }

    private static NpgsqlConnectionStringBuilder Parsed(string url, Func<string, string?>? variable = null) =>
        new(
            DatabaseUrl
                .Parse(url, variable ?? NoVariable)
                .ShouldBeOfType<AddressParse.Read>()
                .Address.ShouldBeOfType<PostgresAddress>()
                .ConnectionString
        );

    private static string? NoVariable(string name) => null;
}
