using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Segue.Cli.Options;

/// <summary>A command whose help ends with details and examples.</summary>
internal sealed class Verb : Command
{
    /// <param name="summary">A line for the list of verbs.</param>
    /// <param name="more">Details.</param>
    public Verb(string name, string summary, string more, params IReadOnlyList<string> examples)
        : base(name, summary)
    {
        HelpOption help = Help();
        help.Action = new LongHelp(more, examples);
        Add(help);
    }

    public static HelpOption Help() => new("--help", "-h", "-?");

    private sealed class LongHelp(string more, IReadOnlyList<string> examples) : SynchronousCommandLineAction
    {
        private const int HelpWidth = 100;

        // Help works without the arguments.
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int code = new HelpAction().Invoke(parseResult);
            TextWriter writer = parseResult.InvocationConfiguration.Output;
            foreach (string line in Wrapping.Lines(more, HelpWidth))
            {
                writer.WriteLine(line);
            }

            writer.WriteLine();
            writer.WriteLine("Examples:");
            foreach (string example in examples)
            {
                writer.WriteLine($"  {example}");
            }

            writer.WriteLine();
            return code;
        }
    }
}
