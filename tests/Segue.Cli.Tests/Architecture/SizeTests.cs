using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Segue.Cli.Tests.Docs;

namespace Segue.Cli.Tests.Architecture;

/// <summary>Files have at most 400 lines, methods at most 60; strings hold no nested conditionals.</summary>
public sealed class SizeTests
{
    private const int LongestFile = 400;
    private const int LongestMethod = 60;

    /// <summary>Longer than that. Remove a name when its code is split, and add none.</summary>
    private static readonly string[] Longer =
    [
        // One block of PL/pgSQL: read top to bottom it shows how its loop and its handlers nest; pieces would hide it.
        "RowByRow.Block",
    ];

    private static readonly (string Path, SyntaxNode Root)[] Files =
    [
        .. new[] { "src", "tests", "bench", "samples" }
            .SelectMany(folder =>
                Directory.EnumerateFiles(Path.Combine(DocsPage.Root, folder), "*.cs", SearchOption.AllDirectories)
            )
            .Select(path => (path, CSharpSyntaxTree.ParseText(File.ReadAllText(path)).GetRoot())),
    ];

    [Fact]
    public void Only_listed_files_and_methods_are_longer_than_allowed() =>
        Files.SelectMany(file => TooLong(file.Path, file.Root)).Except(Longer).ShouldBeEmpty();

    [Fact]
    public void No_interpolated_string_holds_a_conditional_within_a_conditional() =>
        Files
            .SelectMany(file =>
                file.Root.DescendantNodes()
                    .OfType<InterpolationSyntax>()
                    .Where(hole => Conditionals(hole).Any(each => Conditionals(each).Any()))
                    .Select(hole => $"{Path.GetFileName(file.Path)}: {hole}")
            )
            .ShouldBeEmpty();

    private static IEnumerable<SyntaxNode> Conditionals(SyntaxNode node) =>
        node.DescendantNodes().OfType<ConditionalExpressionSyntax>();

    private static IEnumerable<string> TooLong(string path, SyntaxNode root)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        if (LinesOf(root) > LongestFile)
        {
            yield return name;
        }

        foreach (
            SyntaxNode member in root.DescendantNodes()
                .Where(node => node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax)
                .Where(node => LinesOf(node) > LongestMethod)
        )
        {
            yield return $"{name}.{(member as MethodDeclarationSyntax)?.Identifier.Text}";
        }
    }

    private static int LinesOf(SyntaxNode node)
    {
        FileLinePositionSpan span = node.SyntaxTree.GetLineSpan(node.Span);
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
