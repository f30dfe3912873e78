using System.CommandLine;
using Segue.Changes;
using Segue.Cli.Running;

namespace Segue.Cli.Commands;

/// <summary><c>segue new add-column TABLE.COLUMN TYPE</c>, with every attribute of the file as an option.</summary>
internal static class NewAddColumnCommand
{
    private static readonly Argument<ColumnPath?> Target = new("TABLE.COLUMN")
    {
        Description =
            "The new column: orders.currency, or sales.orders.currency. Names are exact; put names "
            + "with dots in double quotes.",
        CustomParser = ColumnPath.Parse,
    };

    private static readonly Argument<string> Type = new("TYPE")
    {
        Description = "The type, as in SQL: \"char(3)\", bigint, timestamptz.",
    };

    public static Command Create(Host host)
    {
        Verb verb = new(
            "add-column",
            "Writes a change file that adds a column.",
            "Expressions are SQL: a text constant keeps its quotes. The server checks them when the change is planned.",
            "segue new add-column orders.note text",
            "segue new add-column orders.currency \"char(3)\" --not-null --default \"'USD'\" --backfill "
                + "\"coalesce(region_currency(region), 'USD')\"",
            "segue new add-column orders.currency \"char(3)\" --references \"currencies(code)\" "
                + "--on-delete restrict --index",
            "segue new add-column users.email_lower text --derive \"lower(email)\" --unique",
            "segue new add-column events.seq bigint --identity always"
        )
        {
            Target,
            Type,
        };
        verb.Add(NewChangeOptions.All);
        verb.Add(ColumnOptions.All);
        verb.Add([CommonOptions.Changes, CommonOptions.Output]);
        verb.SetAction(parse => (int)Run(host, parse));
        return verb;
    }

    private static ExitCode Run(Host host, ParseResult parse)
    {
        Reporter report = new(host, CommonOptions.IsJson(parse));
        AddColumn operation = ColumnOptions.Read(parse, parse.GetRequiredValue(Target)!, parse.GetRequiredValue(Type));
        return Project
            .Open(host, parse)
            .Match(
                project =>
                    new NewChange(project, Project.HintsOf(parse), report).Write(
                        parse.GetValue(NewChangeOptions.Name),
                        $"{operation.Table.Name}_{operation.Name}",
                        parse.GetValue(NewChangeOptions.Description),
                        operation
                    ),
                report.Fail
            );
    }
}
