using Segue.Projects;

namespace Segue.Tests.Projects;

public sealed class ProjectTests
{
    [Fact]
    public void A_project_keeps_full_paths_and_messages_shorten_them()
    {
        string here = Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, "door-project")).FullName;
        string file = Path.Combine(here, "changes", "0001_broken.yaml");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "operations: []\nfoo: 1\n");

        SegueProject project = SegueProject.Open(here).OrThrow();

        // A process that changes its directory later still finds its files.
        project.Changes.Path.ShouldBe(Path.Combine(here, "changes"));
        project.List().OrThrow()[0].Path.ShouldBe(file);
        project
            .Find("0001")
            .Match(_ => "", failure => failure.Problems[0].Where)
            .ShouldStartWith(Path.Combine("door-project", "changes", "0001_broken.yaml:"));
    }
}
