using Segue.PostgreSql.Lexing;

namespace Segue.PostgreSql.Tests.Planning;

public class ExpressionTextTests
{
    [Theory]
    [InlineData("'USD'")]
    [InlineData("coalesce(region_currency(region), 'USD')")]
    [InlineData("'it''s; fine'")]
    [InlineData("\"odd;name\" || $tag$ ; ) $tag$")]
    [InlineData("E'\\';' || 'x'")]
    [InlineData("1 -- a comment; with ) in it")]
    [InlineData("1 /* nested /* ; */ ) */")]
    [InlineData("(SELECT max(n) FROM (VALUES (1), (2)) v(n))")]
    [InlineData("ARRAY[1, 2][1]")]
    [InlineData("name$with$dollars")]
    public void A_single_expression_is_accepted(string text) => ExpressionText.Objection(text).ShouldBeNull();

    [Theory]
    [InlineData("1); DROP TABLE orders; --", "')'")]
    [InlineData("1; DROP TABLE orders", "semicolon")]
    [InlineData("'USD'), amount = (0", "')'")]
    [InlineData("'unterminated", "never closed")]
    [InlineData("\"unterminated", "never closed")]
    [InlineData("$$unterminated", "never closed")]
    [InlineData("/* unterminated", "never closed")]
    [InlineData("(1", "never closed")]
    [InlineData("(1]", "']'")]
    [InlineData("'\\'; DROP TABLE x; --'", "backslash")]
    [InlineData("$1", "parameter")]
    [InlineData("   ", "empty")]
    public void A_text_that_is_more_than_one_expression_is_refused(string text, string because) =>
        ExpressionText.Objection(text).ShouldNotBeNull().ShouldContain(because);
}
