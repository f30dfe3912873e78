using Segue.PostgreSql;
using Segue.PostgreSql.Addresses;
using Segue.Projects;
using Segue.Settings;
using Segue.Testing;

namespace Segue.Cli.Tests.Connections;

public sealed class DatabaseChoiceTests : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly Dictionary<string, string> _variables = [];

    private SegueSettings _settings = new()
    {
        Environments = new Dictionary<string, DatabaseEnvironment>
        {
            ["local"] = new() { Database = "postgres://postgres@localhost:5433/shop" },
            ["prod"] = new()
            {
                DatabaseVariable = "PROD_URL",
                Replicas = ["postgres://replica:5434/shop", "Host=other;Username=watcher"],
            },
        },
    };

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_option_overrides_the_variable_and_the_default_environment()
    {
        _variables[DatabaseChoice.Variable] = "postgres://variable/shop";
        _settings = _settings with { DefaultEnvironment = "local" };

        Primary(Resolved("postgres://option/shop")).Host.ShouldBe("option");
        Primary(Resolved(null)).Host.ShouldBe("variable");
        _variables.Clear();
        Primary(Resolved(null)).Server.ShouldBe("localhost:5433");
    }

    [Fact]
    public void An_empty_variable_counts_as_unset()
    {
        _variables[DatabaseChoice.Variable] = " ";
        _settings = _settings with { DefaultEnvironment = "local" };

        Primary(Resolved(null)).Server.ShouldBe("localhost:5433");
        Failed("").Problems[0].What.ShouldContain("it is empty");
    }

    [Fact]
    public void An_environment_variable_may_name_an_environment()
    {
        _variables[DatabaseChoice.Variable] = "local";

        Primary(Resolved(null)).Server.ShouldBe("localhost:5433");
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    [InlineData(true, null, true)]
    public void An_environment_overrides_what_the_file_says_about_small_tables(bool all, bool? own, bool staged)
    {
        string yaml = Path.Combine(_directory.Path, "segue.yaml");
        string of = own is null ? "" : $", staged: {(own.Value ? "true" : "false")}";
        File.WriteAllText(
            yaml,
            $$"""
            staged: {{(all ? "true" : "false")}}
            environments:
              here: { database: "postgres://db/shop"{{of}} }

            """
        );
        Segue.Projects.SegueProject project = Segue.Projects.SegueProject.Open(_directory.Path).OrThrow();
        EngineRegistry engines = new(new PostgresProvider());

        project.For(project.Database("here", engines).OrThrow()).Settings.Plan.Staged.ShouldBe(staged);
        project.For(project.Database("postgres://db/shop", engines).OrThrow()).Settings.Plan.Staged.ShouldBe(all);
    }

    [Fact]
    public void Replicas_without_user_and_password_use_those_of_the_primary()
    {
        _variables["PROD_URL"] = "postgres://app:sesame@primary/shop";

        ConnectRequest request = Resolved("prod");

        Primary(request).Host.ShouldBe("primary");
        ((PostgresAddress)request.Replicas[0]).ConnectionString.ShouldContain("Username=app;Password=sesame");
        ((PostgresAddress)request.Replicas[1]).ConnectionString.ShouldNotContain("sesame");
    }

    [Theory]
    [InlineData("mysql://app:sesame@db/shop", "no engine here supports the URL scheme mysql://")]
    [InlineData("mariadb://db/shop", "no engine here")]
    [InlineData("http://db/shop", "scheme")]
    [InlineData("staging", "'staging' is not a URL")]
    [InlineData("app:sesame@db/shop", "the value is not a URL")]
    [InlineData("prod", "PROD_URL is not set")]
    [InlineData("host=db password=sesame dbname=shop", "libpq's form")]
    [InlineData("Host=db;Pasword=sesame", "'pasword'")]
    [InlineData("Host=db;Port=sesame", "'port'")]
    [InlineData("Host=db;Password=\"sesame", "malformed")]
    public void A_text_that_names_no_database_is_bad_input_without_its_secrets(string given, string says)
    {
        Failure failure = Failed(given);

        failure.Kind.ShouldBe(FailureKind.BadInput);
        failure.Problems[0].What.ShouldContain(says);
        $"{failure.Problems[0]}".ShouldNotContain("sesame");
    }

    [Fact]
    public void A_call_without_a_database_explains_how_to_name_one()
    {
        Failed(null).Problems[0].Remedy.ShouldContain(DatabaseChoice.Variable);
    }

    private static PostgresAddress Primary(ConnectRequest request) => (PostgresAddress)request.Address;

    private ConnectRequest Resolved(string? option) =>
        new DatabaseChoice(_settings, KnownEngines.All, _variables.GetValueOrDefault, "--database")
            .Resolve(option)
            .ShouldBeOfType<Result<ConnectRequest>.Good>()
            .Value;

    private Failure Failed(string? option) =>
        new DatabaseChoice(_settings, KnownEngines.All, _variables.GetValueOrDefault, "--database")
            .Resolve(option)
            .ShouldBeOfType<Result<ConnectRequest>.Bad>()
            .Failure;
}
