using Npgsql;
using Segue.PostgreSql.Addresses;
using Segue.Projects;

namespace Segue.Cli.Tests.Connections;

public class RedactionTests
{
    [Theory]
    [InlineData(
        "cannot open postgres://app:sesame@db:5432/shop today",
        "cannot open postgres://app:***@db:5432/shop today"
    )]
    [InlineData("postgres://app:se/sa@me@db/shop", "postgres://app:***@db/shop")]
    [InlineData("postgres://:sesame@db/shop", "postgres://:***@db/shop")]
    [InlineData("Host=db;Password=sesame;Database=shop", "Host=db;Password=***;Database=shop")]
    [InlineData("Host=db;PWD = 'open; sesame';Database=shop", "Host=db;PWD = ***;Database=shop")]
    [InlineData("Host=db;SSL Password=sesame", "Host=db;SSL Password=***")]
    [InlineData(
        "postgres://db/shop?user=app&password=sesame&sslmode=require",
        "postgres://db/shop?user=app&password=***&sslmode=require"
    )]
    [InlineData("host=db password=sesame dbname=shop", "host=db password=*** dbname=shop")]
    [InlineData("postgres://app@db/shop", "postgres://app@db/shop")]
    [InlineData("nothing to hide", "nothing to hide")]
    public void Passwords_are_masked_wherever_they_usually_stand(string text, string expected)
    {
        Redaction.Of(text).ShouldBe(expected);
    }

    [Fact]
    public void A_target_masks_its_own_password_anywhere()
    {
        Target("sesame")
            .Redact("the server says: sesame is no password for app")
            .ShouldBe("the server says: *** is no password for app");
    }

    [Fact]
    public void A_password_of_two_letters_is_not_masked_inside_words()
    {
        Target("pa").Redact("a password").ShouldBe("a password");
    }

    [Fact]
    public void A_target_shows_its_address_without_credentials()
    {
        Target("sesame").ToString().ShouldBe("db:5432 (database shop, user app)");
    }

    private static PostgresAddress Target(string password) =>
        new(
            new NpgsqlConnectionStringBuilder
            {
                Host = "db",
                Username = "app",
                Password = password,
                Database = "shop",
            }
        );
}
