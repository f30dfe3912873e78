namespace Segue.Cli.Tests.Commands;

public sealed class UsageTests : IDisposable
{
    private readonly CommandLine _segue = new();

    public void Dispose() => _segue.Dispose();

    [Theory]
    [InlineData("Did you mean plan?", "plam")]
    [InlineData("Did you mean plan?", "plam", "--help")]
    [InlineData("'nosuchverb'", "nosuchverb", "--help")]
    [InlineData("'nosuchkind'", "new", "nosuchkind", "--help")]
    [InlineData("Did you mean --output?", "plan", "--outptu", "json")]
    [InlineData("Did you mean --not-null?", "new", "add-column", "orders.a", "text", "--notnull")]
    [InlineData("'xml'", "plan", "--output", "xml")]
    [InlineData("Choose 1ms to 10s", "apply", "--lock-timeout", "99s")]
    [InlineData("must be a duration", "apply", "--lock-timeout", "200")]
    [InlineData("must be a size", "plan", "--small-table", "1m")]
    [InlineData("1% to 100%", "apply", "--duty-cycle", "0")]
    [InlineData("1% to 100%", "apply", "--duty-cycle", "101%")]
    [InlineData("64 hexadecimal digits", "apply", "0001", "--plan-hash", "5f3c")]
    [InlineData(
        "needs exactly one CHANGE",
        "apply",
        "--plan-hash",
        "0000000000000000000000000000000000000000000000000000000000000000"
    )]
    [InlineData("'--limit' must be a whole number from 1", "history", "--limit", "abc")]
    [InlineData("'--limit' must be a whole number from 1", "history", "--limit", "99999999999")]
    [InlineData(
        "'--start' must be a whole number, not 'x'",
        "new",
        "add-column",
        "a.b",
        "int",
        "--identity",
        "always",
        "--start",
        "x"
    )]
    [InlineData("'--nullable' must be true or false, not 'no'", "new", "alter-column", "--nullable", "no")]
    [InlineData("'--changes' is empty", "status", "--changes", "")]
    [InlineData("'CHANGE' is empty", "apply", "")]
    [InlineData("'contract'", "apply", "0001", "--until", "contract")]
    [InlineData("complete", "complete")]
    [InlineData("table.column", "new", "add-column", "orders", "text")]
    [InlineData(
        "'--on-delete' needs '--references'",
        "new",
        "add-column",
        "orders.a",
        "text",
        "--on-delete",
        "restrict"
    )]
    public async Task Bad_usage_exits_2_and_names_the_mistake(string says, params string[] arguments)
    {
        (await _segue.RunAsync(arguments)).ShouldBe(2);

        _segue.Error.ShouldContain(says);
        _segue.Error.ShouldContain("--help` shows its arguments and options");
        _segue.Out.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_misspelt_option_is_one_mistake()
    {
        await _segue.RunAsync("plan", "--outptu", "json");

        _segue.Error.Split("error:").Length.ShouldBe(2);
    }

    [Theory]
    [InlineData("Unrecognized command or argument 'frob'.", "frob", "0001")]
    [InlineData("put it in quotes", "explain", "DROP", "TABLE", "orders")]
    [InlineData("Here it is --output json.", "status", "--json")]
    public async Task A_common_mistake_is_one_error_with_its_remedy(string says, params string[] arguments)
    {
        (await _segue.RunAsync(arguments)).ShouldBe(2);

        _segue.Error.ShouldContain(says);
        _segue.Error.Split("error:").Length.ShouldBe(2);
    }

    [Fact]
    public async Task An_error_with_json_output_is_a_document_on_stdout()
    {
        (await _segue.RunAsync("plan", "--lock-timeout", "soon", "--output", "json")).ShouldBe(2);

        _segue.Json["error"]!["exitCode"]!.GetValue<int>().ShouldBe(2);
        _segue.Json["error"]!["problems"]![0]!["where"]!.GetValue<string>().ShouldBe("segue plan");
    }

    [Fact]
    public async Task A_call_without_a_verb_lists_the_verbs()
    {
        (await _segue.RunAsync()).ShouldBe(2);

        _segue.Out.ShouldContain("segue [command]");
    }

    [Theory]
    [InlineData("init")]
    [InlineData("plan")]
    [InlineData("apply")]
    [InlineData("complete")]
    [InlineData("rollback")]
    [InlineData("status")]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("doctor")]
    [InlineData("schema")]
    public async Task Every_verb_has_help_with_examples(string verb)
    {
        (await _segue.RunAsync(verb, "--help")).ShouldBe(0);

        _segue.Out.ShouldContain($"Examples:\n  segue {verb}");
    }

    [Fact]
    public void Help_shows_a_placeholder_and_not_what_completes_it()
    {
        CommonOptions.Change().HelpName.ShouldBe("CHANGE");
        CommonOptions.OptionalChange("").HelpName.ShouldBe("CHANGE");
        CommonOptions.SeveralChanges("").HelpName.ShouldBe("CHANGE");
    }

    [Fact]
    public async Task A_database_that_is_not_named_is_bad_input()
    {
        _segue.Variables.Clear();

        (await _segue.RunAsync("status", "--output", "json")).ShouldBe(2);

        _segue.Json["error"]!["problems"]![0]!["what"]!.GetValue<string>().ShouldBe("no database was named");
    }

    [Fact]
    public async Task An_empty_database_does_not_stand_for_another_one()
    {
        (await _segue.RunAsync("status", "--database", "")).ShouldBe(2);

        _segue.Error.ShouldContain("--database: it is empty");
    }

    [Fact]
    public async Task A_broken_settings_file_is_reported_with_its_line()
    {
        File.WriteAllText(
            Path.Combine(_segue.Directory, "segue.yaml"),
            "changes: changes\nlimits:\n  lock_timeout: soon\n"
        );

        (await _segue.RunAsync("status")).ShouldBe(2);

        _segue.Error.ShouldContain("segue.yaml:3:17");
    }
}
