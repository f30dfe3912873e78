using Segue.Cli.Rendering;

namespace Segue.Cli.Tests.Rendering;

public class WrappingTests
{
    [Theory]
    [InlineData("one two three", 20, "one two three")]
    [InlineData("one two three", 7, "one two|three")]
    [InlineData("one two three", 3, "one|two|three")]
    [InlineData("incomprehensibilities are long", 5, "incomprehensibilities|are|long")]
    [InlineData("first\nsecond line", 10, "first|second|line")]
    [InlineData("", 10, "")]
    public void Text_breaks_at_blanks_and_long_words_stay_whole(string text, int width, string expected)
    {
        string.Join('|', Wrapping.Lines(text, width)).ShouldBe(expected);
    }
}
