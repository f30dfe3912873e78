using Segue.Cli.Demo;
using Segue.Cli.Demo.Report;

namespace Segue.Cli.Tests.Demo;

public sealed class DemoPartsTests
{
    [Fact]
    public void Labels_stay_in_place_while_there_is_room() =>
        SpreadLabels.Over([50, 150, 250], 60, 0, 300).ShouldBe([50, 150, 250]);

    [Fact]
    public void Overlapping_labels_are_moved_apart() =>
        SpreadLabels.Over([100, 101, 102], 60, 0, 300).ShouldBe([100, 160, 220]);

    [Fact]
    public void Labels_at_the_edges_stay_inside() =>
        SpreadLabels.Over([5, 298, 299], 60, 0, 300).ShouldBe([30, 210, 270]);

    [Theory]
    [InlineData(0, '\u2581')]
    [InlineData(0.5, '\u2581')]
    [InlineData(1, '\u2582')]
    [InlineData(64, '\u2588')]
    [InlineData(5000, '\u2588')]
    public void A_bar_of_the_sparkline_grows_with_each_doubling_of_the_latency(double milliseconds, char bar) =>
        TrafficWords.Bar(TimeSpan.FromMilliseconds(milliseconds), unicode: true).ShouldBe(bar);

    [Fact]
    public void The_scale_of_a_plot_has_round_numbers()
    {
        RoundNumbers.Below(0.7).ShouldBe(0.5);
        RoundNumbers.Above(33).ShouldBe(50);
        RoundNumbers.Between(0.5, 20).ShouldBe([0.5, 1, 2, 5, 10, 20]);
    }

    [Fact]
    public void A_report_whose_path_is_unwritable_goes_to_a_temporary_file()
    {
        // A file stands where a directory is needed: not even root can write there.
        string inTheWay = Path.GetTempFileName();

        string path = ReportFile.Write(Path.Combine(inTheWay, "report.html"), "<p/>");

        path.ShouldEndWith(ReportFile.DefaultName);
        File.ReadAllText(path).ShouldBe("<p/>");
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        File.Delete(inTheWay);
    }
}
