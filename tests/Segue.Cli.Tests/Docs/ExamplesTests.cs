using Segue.Changes.Files;
using Segue.Settings;

namespace Segue.Cli.Tests.Docs;

public sealed class ExamplesTests(DocsServer server) : IClassFixture<DocsServer>
{
    public static TheoryData<string> PagesWithCommands =>
        [
            .. DocsPage
                .All.Where(page => page.Blocks.Any(block => block.Language is "sh" or "sql"))
                .Select(page => page.Name),
        ];

    public static TheoryData<string> PagesWithYaml =>
        [.. DocsPage.All.Where(page => page.Blocks.Any(block => block.Language == "yaml")).Select(page => page.Name)];

    [Theory, MemberData(nameof(PagesWithCommands))]
    public Task The_commands_of_a_page_work_in_order(string page) => server.RunAsync(DocsPage.Named(page));

    [Theory, MemberData(nameof(PagesWithYaml))]
    public void Files_on_a_page_are_read_without_mistakes(string page)
    {
        foreach (DocsBlock block in DocsPage.Named(page).Blocks.Where(block => block.Language == "yaml"))
        {
            if (block.IsChangeFile)
            {
                (
                    ChangeFileReader.ReadText(block.File ?? "0001_example.yaml", block.Text) as ChangeFileResult.Invalid
                )?.Errors.ShouldBeEmpty(block.Place);
            }
            else
            {
                (SettingsFile.ReadText(SettingsFile.Name, block.Text) as SettingsResult.Invalid)?.Errors.ShouldBeEmpty(
                    block.Place
                );
            }
        }
    }

    [Fact]
    public void The_settings_shown_in_full_are_the_defaults()
    {
        DocsBlock shown = DocsPage.Named("docs/cli.md").Blocks.Single(block => block.File == SettingsFile.Name);

        SegueSettings read = SettingsFile
            .ReadText(SettingsFile.Name, shown.Text)
            .ShouldBeOfType<SettingsResult.Read>()
            .Settings;

        read.Plan.ShouldBe(SegueSettings.Default.Plan);
        read.Run.ShouldBe(SegueSettings.Default.Run);
        read.Throttle.ShouldBe(SegueSettings.Default.Throttle);
    }
}
