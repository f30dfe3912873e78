using Segue.PostgreSql.Explaining;

namespace Segue.PostgreSql.Tests.Statements;

/// <summary>What the text of a statement says before any server is asked.</summary>
public class StatementTextTests
{
    [Fact]
    public void A_statement_is_read_as_the_server_reads_it_with_any_case_and_white_space()
    {
        StatementText text = new("  ALTER\n  Table orders ADD note text; ");

        text.Text.ShouldBe("ALTER\n  Table orders ADD note text");
        text.Begins("alter", "table").ShouldBeTrue();
        text.Begins("alter", "index").ShouldBeFalse();
        text.Has("add", "note").ShouldBeTrue();
        text.Has("note", "add").ShouldBeFalse();
    }

    [Theory]
    [InlineData("DROP TABLE orders CASCADE", true)]
    [InlineData("ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c ON DELETE CASCADE", false)]
    [InlineData("ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c ON UPDATE CASCADE", false)]
    [InlineData("DROP TABLE \"cascade\"", false)]
    public void Only_statements_that_drop_dependents_count_as_cascading(string statement, bool cascades) =>
        new StatementText(statement).Cascades().ShouldBe(cascades);

    [Theory]
    [InlineData("SELECT 1", true)]
    [InlineData("WITH x AS (SELECT 1) DELETE FROM orders", true)]
    [InlineData("ALTER TABLE orders ADD note text", false)]
    public void Queries_are_distinguished_from_schema_changes(string statement, bool isQuery) =>
        StatementForms.IsQuery(new StatementText(statement)).ShouldBe(isQuery);

    [Theory]
    [InlineData("DO $$ BEGIN END $$", true)]
    [InlineData("CALL refresh()", true)]
    [InlineData("SELECT refresh()", false)]
    public void Code_that_cannot_be_inspected_is_reported(string statement, bool isCode) =>
        new StatementText(statement).IsCode.ShouldBe(isCode);
}
