using Segue.Planning;

namespace Segue.Cli.Rendering;

/// <summary>Where two plans of one change differ, for people.</summary>
internal sealed class DifferenceText(Sheet sheet)
{
    public void Write(PlanDifference difference)
    {
        sheet.Line(
            (difference.Shape.Count == 0 ? "Both plans have the same shape." : "The shapes differ.", Ink.Strong)
        );
        All(difference.Shape);
        sheet.Line();
        sheet.Line((difference.Plan.Count == 0 ? "The plans are equal." : "The plans differ in:", Ink.Strong));
        All(difference.Plan);
    }

    private void All(IEnumerable<string> sentences)
    {
        foreach (string sentence in sentences)
        {
            sheet.Prose(2, sentence);
        }
    }
}
