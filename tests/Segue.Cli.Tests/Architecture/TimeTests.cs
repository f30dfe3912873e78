using System.Text.RegularExpressions;

namespace Segue.Cli.Tests.Architecture;

/// <summary>
/// Time is given to core and engine, so that tests can let hours pass at once: they ask the system's clock, or wait by
/// it, nowhere but in the default of an option.
/// </summary>
public sealed partial class TimeTests
{
    /// <summary>Options whose default is the system's time.</summary>
    private static readonly string[] Roots =
    [
        "Segue/Projects/ConnectRequest.cs",
        "Segue/Projects/TargetOptions.cs",
        "Segue.PostgreSql/PostgresEngine.cs",
    ];

    [Theory]
    [InlineData("Segue")]
    [InlineData("Segue.PostgreSql")]
    public void No_code_uses_the_system_clock(string project)
    {
        string source = Path.Combine(Docs.DocsPage.Root, "src");
        IEnumerable<string> found = Directory
            .EnumerateFiles(Path.Combine(source, project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Roots.Contains(Path.GetRelativePath(source, file).Replace('\\', '/')))
            .SelectMany(file => Waits(File.ReadAllText(file)).Select(wait => $"{Path.GetFileName(file)}: {wait}"));

        found.ShouldBeEmpty("Take a TimeProvider.");
    }

    [Theory]
    [InlineData("await Task.Delay(Poll, cancel);", false)]
    [InlineData("await Task.Delay(Between * (0.5 + Random()), time, cancel);", true)]
    [InlineData("await Task.Delay(time.GetElapsedTime(began), cancel);", false)]
    [InlineData("await Task.Delay(\n    Jittered(_delay),\n    run.Time,\n    cancel);", true)]
    [InlineData("patience.CancelAfter(Patience);", false)]
    [InlineData("DateTimeOffset.UtcNow", false)]
    [InlineData("Stopwatch.StartNew()", false)]
    [InlineData("TimeProvider.System.GetTimestamp()", false)]
    [InlineData("new PeriodicTimer(Every)", false)]
    public void A_use_of_the_system_clock_is_found(string code, bool isFine) => Waits(code).Any().ShouldBe(!isFine);

    private static IEnumerable<string> Waits(string code) =>
        Clock()
            .Matches(code)
            .Select(match => match.Value)
            .Concat(Delay().Matches(code).Select(match => match.Value).Where(delay => !Provider().IsMatch(delay)));

    [GeneratedRegex(
        @"TimeProvider\.System|DateTime(Offset)?\.(Utc)?Now|Environment\.TickCount|\bStopwatch\b|PeriodicTimer|"
            + @"\bnew Timer\(|\.CancelAfter\(|Thread\.Sleep",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex Clock();

    /// <summary>The call with its arguments: parentheses in balance.</summary>
    [GeneratedRegex(
        @"Task\.Delay\((?>[^()]+|(?<open>\()|(?<-open>\)))*(?(open)(?!))\)",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex Delay();

    /// <summary>An argument of its own that is a time: <c>time</c>, <c>run.Time</c>, <c>_options.Time</c>.</summary>
    [GeneratedRegex(@",\s*([\w.]+\.)?_?[Tt]ime\s*[,)]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Provider();
}
