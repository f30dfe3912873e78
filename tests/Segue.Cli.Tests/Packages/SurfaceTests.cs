using System.Reflection;
using System.Runtime.CompilerServices;
using Segue.Cli.Tests.Docs;
using Segue.Planning;
using Segue.PostgreSql;

namespace Segue.Cli.Tests.Packages;

/// <summary>Nothing that others build upon changes by accident.</summary>
public sealed class SurfaceTests
{
    public static TheoryData<string> Packages => ["Segue", "Segue.PostgreSql"];

    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_surface_of_a_package_is_the_approved_one(string package)
    {
        Assembly assembly = package == "Segue" ? typeof(Plan).Assembly : typeof(PostgresEngine).Assembly;
        try
        {
            Golden.ShouldMatch(PublicSurface.Of(assembly), $"{package}.surface.txt");
        }
        catch (ShouldAssertException difference)
        {
            throw new ShouldAssertException(
                $"The public surface of {package} changed. If that is meant, run this test once with "
                    + $"SEGUE_UPDATE_GOLDENS=1 and commit {package}.surface.txt with the change; else make the "
                    + $"new types internal. {difference.Message}",
                difference
            );
        }
    }

    /// <summary>The command line is one front end of many: what it needs, others need, and can have.</summary>
    [Theory]
    [MemberData(nameof(Packages))]
    public void No_other_project_of_the_product_sees_the_internals_of_a_package(string package)
    {
        Assembly assembly = package == "Segue" ? typeof(Plan).Assembly : typeof(PostgresEngine).Assembly;
        assembly
            .GetCustomAttributes<InternalsVisibleToAttribute>()
            .Select(friend => friend.AssemblyName)
            .Intersect(Directory.EnumerateDirectories(Path.Combine(DocsPage.Root, "src")).Select(Path.GetFileName))
            .ShouldBeEmpty();
    }
}
