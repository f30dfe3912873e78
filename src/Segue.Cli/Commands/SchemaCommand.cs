using System.CommandLine;
using Segue.Changes.Files;
using Segue.Settings;

namespace Segue.Cli.Commands;

/// <summary><c>segue schema</c>: the JSON Schema that lets editors complete and check files.</summary>
internal static class SchemaCommand
{
    public static Command Create(Host host)
    {
        Option<bool> settings = new("--settings") { Description = "Print the schema of segue.yaml instead." };
        Verb verb = new(
            "schema",
            "Prints the JSON Schema of change files, for editors.",
            "`segue init` and `segue new` put it beside the change files.",
            "segue schema > changes/segue.schema.json",
            "segue schema --settings"
        )
        {
            settings,
        };
        verb.SetAction(parse =>
        {
            new Reporter(host, json: false).Raw(parse.GetValue(settings) ? SettingsFile.Schema : ChangeSchema.Text);
            return (int)ExitCode.Done;
        });
        return verb;
    }
}
