using System.CommandLine;
using Segue.Changes.Files;
using Segue.Planning;
using Segue.Settings;

namespace Segue.Cli.Commands;

/// <summary><c>segue schema</c>: the JSON Schema that lets editors complete and check files.</summary>
internal static class SchemaCommand
{
    public static Command Create(Host host)
    {
        Option<bool> settings = new("--settings") { Description = "Print the schema of segue.yaml instead." };
        Option<bool> plan = new("--plan") { Description = "Print the schema of `segue plan --output json` instead." };
        Verb verb = new(
            "schema",
            "Prints the JSON Schema of change files, for editors.",
            "`segue init` and `segue new` put it beside the change files.",
            "segue schema > changes/segue.schema.json",
            "segue schema --settings"
        )
        {
            settings,
            plan,
        };
        verb.SetAction(parse =>
        {
            new Reporter(host, json: false).Raw(
                parse.GetValue(plan) ? PlanJson.Schema
                : parse.GetValue(settings) ? SettingsFile.Schema
                : ChangeSchema.Text
            );
            return (int)ExitCode.Done;
        });
        return verb;
    }
}
