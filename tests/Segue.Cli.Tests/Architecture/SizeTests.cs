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
        "AlterationProbe",
        "AlterationProbe.TypeAsync",
        "AlteredColumns",
        "AlteredColumns.NotNullAsync",
        "AlteredColumns.ResolveAsync",
        "AssignmentProbe.AskAsync",
        "AttachPlanning.PlanAsync",
        "BreakageTests.Written_rows_and_reached_code_are_reported",
        "CatalogDescription.Query",
        "CatalogDifference",
        "CatalogDifference.CompareRelation",
        "CatalogFacts.ReadAsync",
        "ColumnPlanning.PlanAsync",
        "ColumnProbe",
        "ColumnProbe.AddColumnAsync",
        "ColumnProbe.ResolveAsync",
        "ColumnRoad",
        "ColumnRoad.UndoExpand",
        "ConstraintKeys",
        "CreateTablePlanning.JudgeAsync",
        "DdlAttempts.TryWithinAsync",
        "DependentsRecreation.ResolveAsync",
        "Draft.ForeignKeyAsync",
        "DropTablePlanning.SetAside",
        "EnumPlanning.AddAsync",
        "EnumPlanning.RenameAsync",
        "ExistingDomain.ReadAsync",
        "ExplainTests.A_statement_that_cannot_be_tried_is_explained",
        "ExplanationText.Write",
        "ExpressionProbe.DescribeAsync",
        "Idempotence.AskAsync",
        "IndexProbe.AskAsync",
        "KeyPlanning.AddAsync",
        "NewAndInitTests.Every_attribute_of_a_column_can_be_given",
        "OnlineExecutor.RunAsync",
        "OtherStatements.DomainAsync",
        "PlanJsonTests.Sample",
        "PostgresLedger",
        "PrunePlanning.PlanAsync",
        "RecreatedDependentsTests.A_member_of_the_owning_group_recreates_a_view_for_the_group",
        "RecreationTrial.RunAsync",
        "RefusalTests.A_role_that_is_not_the_owner_or_sees_only_some_rows_is_refused",
        "ReindexPlanning.PlanAsync",
        "Reliance.Query",
        "RenameTablePlanning.Road",
        "RenamedTableTests.The_view_of_a_renamed_table_grants_the_tables_rights",
        "RowByRow.Block",
        "RowKindTests.Backfills_of_one_table_share_a_pass_unless_one_reads_what_another_writes",
        "RowTrial.ObjectionAsync",
        "SqlPlanning.PlanAsync",
        "StatementForms.Unmeasurable",
        "StatementMeasuring.RunAsync",
        "StatementProbe.ExplainAsync",
        "StatementTrial.RunAsync",
        "SubscriberTests.Rows_that_a_subscription_writes_during_the_fill_get_their_values",
        "TableRightsTests.A_member_of_the_owning_group_renames_drops_and_restores_a_table",
        "Unreachable.Explain",
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
