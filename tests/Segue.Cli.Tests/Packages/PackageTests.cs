using System.IO.Compression;
using System.Reflection;
using Segue.Cli.Tests.Docs;

namespace Segue.Cli.Tests.Packages;

/// <summary>The packages as others get them: made from this build, installed from a folder, run.</summary>
public sealed class PackageTests(PackageTests.Folder packages) : IClassFixture<PackageTests.Folder>
{
    [Theory]
    [InlineData("Segue")]
    [InlineData("Segue.PostgreSql")]
    public void A_library_is_packed_with_documentation_licence_and_symbols(string name)
    {
        using ZipArchive package = packages.Open($"{name}.*.nupkg");
        string[] files = [.. package.Entries.Select(entry => entry.FullName)];

        files.ShouldContain($"lib/net10.0/{name}.dll");
        files.ShouldContain($"lib/net10.0/{name}.xml");
        files.ShouldContain("library.md");
        files.ShouldContain("LICENSE");
        using StreamReader specification = new(package.GetEntry($"{name}.nuspec")!.Open());
        string text = specification.ReadToEnd();
        text.ShouldContain("<license type=\"expression\">Apache-2.0</license>");
        text.ShouldContain("<readme>library.md</readme>");

        using ZipArchive symbols = packages.Open($"{name}.*.snupkg");
        symbols.Entries.Select(entry => entry.FullName).ShouldContain($"lib/net10.0/{name}.pdb");
    }

    [Fact]
    public async Task The_tool_is_installed_from_a_folder_and_runs()
    {
        string tools = Path.Combine(packages.Path, "tools");
        string config = Path.Combine(packages.Path, "nuget.config");
        await File.WriteAllTextAsync(
            config,
            $"<configuration><packageSources><clear /><add key=\"here\" value=\"{packages.Path}\" /></packageSources>"
                + "</configuration>"
        );

        (int code, string output) = await Tool.RunAsync(
            Tool.Dotnet,
            packages.Path,
            ["tool", "install", "Segue.Cli", "--tool-path", tools, "--configfile", config, "--no-cache"]
        );
        code.ShouldBe(0, output);

        (code, output) = await Tool.RunAsync(Path.Combine(tools, "segue"), packages.Path, ["--version"]);
        code.ShouldBe(0, output);
        output.ShouldStartWith("0.");
        (code, output) = await Tool.RunAsync(Path.Combine(tools, "segue"), packages.Path, ["schema"]);
        code.ShouldBe(0, output);
        output.ShouldContain("add_column");
    }

    public sealed class Folder : IAsyncLifetime
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("segue-packages-").FullName;

        public async Task InitializeAsync()
        {
            string configuration = typeof(Folder)
                .Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!
                .Configuration;
            foreach (string project in (string[])["Segue", "Segue.PostgreSql", "Segue.Cli"])
            {
                (int code, string output) = await Tool.RunAsync(
                    Tool.Dotnet,
                    DocsPage.Root,
                    ["pack", $"src/{project}", "-c", configuration, "--no-build", "-o", Path, "-v", "quiet", "--nologo"]
                );
                code.ShouldBe(0, output);
            }
        }

        public Task DisposeAsync()
        {
            Directory.Delete(Path, recursive: true);
            return Task.CompletedTask;
        }

        /// <param name="pattern">The package's file, with a star for its version.</param>
        public ZipArchive Open(string pattern) =>
            ZipFile.OpenRead(
                Directory
                    .EnumerateFiles(Path, pattern)
                    .Single(file => char.IsAsciiDigit(System.IO.Path.GetFileName(file)[pattern.IndexOf('*')]))
            );
    }
}
