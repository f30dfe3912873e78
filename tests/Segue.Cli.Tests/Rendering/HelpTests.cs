using System.Text;

namespace Segue.Cli.Tests.Rendering;

/// <summary>Help of every verb, so that a change of its words is seen in review.</summary>
public sealed class HelpTests : IDisposable
{
    private static readonly IReadOnlyList<string[]> Verbs =
    [
        [],
        ["init"],
        ["new", "add-column"],
        ["plan"],
        ["apply"],
        ["complete"],
        ["rollback"],
        ["status"],
        ["pause"],
        ["resume"],
        ["purge"],
        ["doctor"],
        ["explain"],
        ["demo"],
        ["schema"],
    ];

    private readonly CommandLine _segue = new();

    public void Dispose() => _segue.Dispose();

    [Fact]
    public async Task Help_of_every_verb_reads_as_reviewed()
    {
        StringBuilder text = new();
        foreach (string[] verb in Verbs)
        {
            (await _segue.RunAsync([.. verb, "--help"])).ShouldBe(0);
            text.AppendJoin(' ', ["$ segue", .. verb, "--help"])
                .Append('\n')
                .Append(_segue.Out.TrimEnd())
                .Append("\n\n");
        }

        Golden.ShouldMatch(text.ToString(), "help.txt");
    }
}
