using Segue.Changes;
using Segue.Changes.Files;
using Segue.Cli.Commands;
using Segue.Settings;

namespace Segue.Cli.Tests.Commands;

public sealed class NewAndInitTests : IDisposable
{
    private readonly CommandLine _segue = new();

    public void Dispose() => _segue.Dispose();

    [Fact]
    public async Task A_value_taken_from_the_example_is_reported()
    {
        (await _segue.RunAsync("new", "drop-table")).ShouldBe(0);
        _segue.Error.ShouldContain("note: table has an example's value: orders.");

        (await _segue.RunAsync("new", "drop-table", "--table", "bills", "--keep", "1h")).ShouldBe(0);
        _segue.Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_attribute_of_a_column_can_be_given()
    {
        (
            await _segue.RunAsync(
                "new",
                "add-column",
                "sales.\"Order.Lines\".currency",
                "char(3)",
                "--not-null",
                "--default",
                "'USD'",
                "--backfill",
                "@ region",
                "--check",
                "currency ~ '^[A-Z]{3}$'",
                "--references",
                "ref.currencies(code)",
                "--on-delete",
                "restrict",
                "--on-update",
                "no_action",
                "--deferrable",
                "--initially-deferred",
                "--unique",
                "--index",
                "--collation",
                "C",
                "--comment",
                "ISO 4217 code",
                "--description",
                "Orders carry their currency"
            )
        ).ShouldBe(0);

        Change change = Read("0001_Order.Lines_currency");
        change.Description.ShouldBe("Orders carry their currency");
        change.Operations.ShouldBe([EveryAttribute]);
    }

    private static AddColumn EveryAttribute =>
        new()
        {
            Table = new TableName("sales", "Order.Lines"),
            Name = "currency",
            Type = "char(3)",
            Nullable = false,
            Default = "'USD'",
            Backfill = "@ region",
            Check = "currency ~ '^[A-Z]{3}$'",
            References = new ForeignKeyReference
            {
                Table = new TableName("ref", "currencies"),
                Columns = ["code"],
                OnDelete = ReferentialAction.Restrict,
                Deferrable = true,
                InitiallyDeferred = true,
            },
            Unique = true,
            Index = true,
            Collation = "C",
            Comment = "ISO 4217 code",
        };

    [Fact]
    public async Task Generated_numbers_use_their_options()
    {
        (
            await _segue.RunAsync(
                "new",
                "add-column",
                "events.seq",
                "bigint",
                "--identity",
                "always",
                "--start",
                "-5",
                "--increment",
                "-1",
                "--cycle"
            )
        ).ShouldBe(0);

        Read("0001_events_seq")
            .Operations[0]
            .ShouldBeOfType<AddColumn>()
            .Identity.ShouldBe(
                new IdentityColumn
                {
                    Always = true,
                    Start = -5,
                    Increment = -1,
                    Cycle = true,
                }
            );
    }

    [Fact]
    public async Task A_computed_column_takes_its_expression()
    {
        (
            await _segue.RunAsync(
                "new",
                "add-column",
                "users.email_lower",
                "text",
                "--generated",
                "lower(email)",
                "--stored",
                "--name",
                "lower_email"
            )
        ).ShouldBe(0);

        Read("lower_email")
            .Operations[0]
            .ShouldBeOfType<AddColumn>()
            .Generated.ShouldBe(new GeneratedColumn { Expression = "lower(email)", Stored = true });
    }

    [Fact]
    public async Task A_file_that_the_reader_would_refuse_is_not_written()
    {
        (await _segue.RunAsync("new", "add-column", "orders.currency", "text", "--not-null")).ShouldBe(2);

        _segue.Error.ShouldContain("existing rows would have no value");
        Directory.GetFiles(_segue.Changes).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_existing_file_is_never_overwritten()
    {
        _segue.AddChange("mine");

        (await _segue.RunAsync("new", "add-column", "orders.currency", "text", "--name", "mine")).ShouldBe(2);

        _segue.Error.ShouldContain("the file exists already");
    }

    [Fact]
    public async Task Init_writes_settings_that_can_be_read_and_keeps_what_is_there()
    {
        _segue.Variables.Clear();

        (await _segue.RunAsync("init")).ShouldBe(0);
        string settings = Path.Combine(_segue.Directory, "segue.yaml");
        File.ReadAllText(settings).ShouldBe(InitCommand.Settings);
        SettingsFile
            .ReadFile(settings)
            .ShouldBeOfType<SettingsResult.Read>()
            .Settings.Plan.ShouldBe(SegueSettings.Default.Plan);

        File.WriteAllText(settings, "# mine\nchanges: changes\n");
        (await _segue.RunAsync("init")).ShouldBe(0);
        File.ReadAllText(settings).ShouldStartWith("# mine");
        _segue.Engine.Memory.Exists.ShouldBeFalse();
    }

    [Fact]
    public async Task Init_creates_the_ledger_where_a_database_is_named()
    {
        (await _segue.RunAsync("init")).ShouldBe(0);

        _segue.Engine.Memory.Exists.ShouldBeTrue();
        _segue.Out.ShouldContain("db:5432");
        (_segue.Out + _segue.Error).ShouldNotContain("sesame");
    }

    private Change Read(string name) =>
        ChangeFileReader
            .ReadFile(Path.Combine(_segue.Changes, $"{name}.yaml"))
            .ShouldBeOfType<ChangeFileResult.Read>()
            .Change;
}
