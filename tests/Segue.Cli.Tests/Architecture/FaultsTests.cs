using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Segue.Cli.Tests.Docs;

namespace Segue.Cli.Tests.Architecture;

/// <summary>The engine of the crash tests lets no call of a run through that could not go wrong.</summary>
public sealed class FaultsTests
{
    /// <summary>
    /// Heartbeats come by the clock. The other two end sessions, which is what a fault does.
    /// </summary>
    private static readonly string[] Untouched = ["RenewAsync", "DisposeAsync", "ResetAsync"];

    [Fact]
    public void Every_call_of_the_seam_can_go_wrong() =>
        CSharpSyntaxTree
            .ParseText(File.ReadAllText(Path.Combine(DocsPage.Root, "tests/Segue.Conformance/FaultyEngine.cs")))
            .GetRoot()
            .DescendantNodes()
            .OfType<MethodDeclarationSyntax>()
            .Where(method => method.ReturnType.ToString().Contains("Task", StringComparison.Ordinal))
            .Where(method => !PassesFaults(method.ExpressionBody?.ToString() ?? ""))
            .Select(method => method.Identifier.Text)
            .ShouldBe(Untouched, ignoreOrder: true);

    private static bool PassesFaults(string body) =>
        body.Contains("faults.", StringComparison.Ordinal) || body.Contains("AskedAsync(", StringComparison.Ordinal);
}
