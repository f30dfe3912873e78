using System.Reflection;
using System.Text.RegularExpressions;
using NetArchTest.Rules;
using Segue.Planning;
using Segue.PostgreSql;
using Shouldly;
using Xunit;

namespace Segue.Cli.Tests.Architecture;

/// <summary>
/// Each folder of a project knows only what stands below it, so that none can be read but with all the others.
/// Namespaces are folders.
/// </summary>
public sealed class FloorsTests
{
    /// <summary>From the top down.</summary>
    private static readonly string[] Core =
    [
        "Projects",
        "Settings",
        "Execution",
        "Verification",
        "Backfill",
        "Throttling",
        "Running",
        "Planning.Assembly",
        "Engines",
        "Ledger",
        "Changes.Files",
        "Changes.Keys",
        "Changes",
        "Planning",
        "Yaml",
        "",
    ];

    private static readonly string[] PostgreSql =
    [
        "",
        "Addresses",
        "Inspection",
        "Planning",
        "Planning.Statements",
        "Planning.Columns.Drop",
        "Planning.Tables.Create",
        "Planning.Tables.Drop",
        "Planning.Tables.Rename",
        "Planning.Tables.Partitions",
        "Planning.Tables.Settings",
        "Planning.Columns.Rename",
        "Planning.Tables",
        "Planning.Types",
        "Planning.Columns",
        "Planning.Dependents",
        "Planning.Triggers",
        "Planning.Constraints",
        "Planning.Indexes",
        "Planning.Rows",
        "Planning.Parts",
        "Explaining",
        "Planning.Stars",
        "Verification",
        "Backfill",
        "Execution",
        "Throttling",
        "Ledger",
        "Catalog",
        "Lexing",
        "Connections",
        "Collections",
    ];

    private static readonly string[] Cli =
    [
        "",
        "Commands",
        "Reports",
        "Demo.Report",
        "Demo",
        "Running",
        "Status",
        "Rendering",
        "Options",
        "Hosting",
        "Sheets",
    ];

    [Fact]
    public void Folders_of_the_core_use_only_folders_below_them() =>
        LooksUp(typeof(Plan).Assembly, "Segue", Core).ShouldBeEmpty();

    [Fact]
    public void Folders_of_PostgreSQL_use_only_folders_below_them() =>
        LooksUp(typeof(PostgresEngine).Assembly, "Segue.PostgreSql", PostgreSql).ShouldBeEmpty();

    [Fact]
    public void Folders_of_the_command_line_use_only_folders_below_them() =>
        LooksUp(typeof(App).Assembly, "Segue.Cli", Cli).ShouldBeEmpty();

    private static IEnumerable<string> LooksUp(Assembly assembly, string root, string[] floors)
    {
        ILookup<string, string> rooms = assembly
            .GetTypes()
            .Where(type => !type.IsNested && (type.Namespace + ".").StartsWith(root + ".", StringComparison.Ordinal))
            .ToLookup(type => type.Namespace!, type => type.FullName!);
        string[] names = [.. floors.Select(floor => floor.Length == 0 ? root : $"{root}.{floor}")];
        IEnumerable<string> homeless = rooms
            .Select(room => room.Key)
            .Except(names)
            .Select(room => $"{room} has no floor");
        return homeless.Concat(
            names
                .Skip(1)
                .SelectMany(
                    (room, above) =>
                        TypesThatKnow(assembly, room, [.. names[..(above + 1)].SelectMany(name => rooms[name])])
                )
        );
    }

    private static IEnumerable<string> TypesThatKnow(Assembly assembly, string room, string[] above)
    {
        IEnumerable<string>? found = NetArchTest
            .Rules.Types.InAssembly(assembly)
            .That()
            .ResideInNamespaceMatching($"^{Regex.Escape(room)}$")
            .ShouldNot()
            .HaveDependencyOnAny(above)
            .GetResult()
            .FailingTypeNames;
        return found ?? [];
    }
}
