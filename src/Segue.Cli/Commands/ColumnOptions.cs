using System.CommandLine;
using Segue.Changes;

namespace Segue.Cli.Commands;

/// <summary>The attributes of a new column as options; their descriptions are those of the change file.</summary>
internal static class ColumnOptions
{
    private static readonly Option<bool> NotNull = Flag("--not-null", "NOT NULL, enforced after the backfill.");
    private static readonly Option<string?> Default = Sql(
        "--default",
        "Default for new rows. A text constant keeps its SQL quotes: \"'USD'\"."
    );
    private static readonly Option<string?> Backfill = Sql(
        "--backfill",
        "Value for existing rows: an expression over the row."
    );
    private static readonly Option<string?> Derive = Sql(
        "--derive",
        "An expression over the row that the column always equals while old code runs."
    );
    private static readonly Option<string?> Check = Sql("--check", "A boolean expression that every row must satisfy.");
    private static readonly Option<bool> Unique = Flag("--unique", "No two rows share a value. Builds an index.");
    private static readonly Option<bool> Index = Flag(
        "--index",
        "Adds an index on the column, built without blocking."
    );
    private static readonly Option<string?> Collation = new("--collation")
    {
        Description = "The collation's name.",
        HelpName = "NAME",
    };
    private static readonly Option<string?> Comment = new("--comment")
    {
        Description = "The comment the server keeps with the column.",
        HelpName = "TEXT",
    };

    private static readonly Option<(TableName Table, string? Column)?> References = new("--references")
    {
        Description = "A foreign key to a parent table. Without a column: its primary key.",
        HelpName = "TABLE[(COLUMN)]",
        CustomParser = ColumnPath.ParseReference,
    };

    private static readonly Option<string?> OnDelete = Action(
        "--on-delete",
        "What happens to rows whose parent is deleted."
    );
    private static readonly Option<string?> OnUpdate = Action(
        "--on-update",
        "What happens to rows whose parent's key changes."
    );
    private static readonly Option<bool> Deferrable = Flag(
        "--deferrable",
        "A transaction may defer the foreign key's check to its end."
    );
    private static readonly Option<bool> InitiallyDeferred = Flag(
        "--initially-deferred",
        "Every transaction defers it."
    );

    private static readonly Option<string?> Identity = Identities();
    private static readonly Option<long?> Start = Number("--start", "The first number.");
    private static readonly Option<long?> Increment = Number("--increment", "The step; a negative step counts down.");
    private static readonly Option<long?> MinValue = Number("--min-value", "The smallest number.");
    private static readonly Option<long?> MaxValue = Number("--max-value", "The largest number.");
    private static readonly Option<long?> Cache = Number("--cache", "How many numbers a session reserves at a time.");
    private static readonly Option<bool> Cycle = Flag("--cycle", "Starts again after the last number.");

    private static readonly Option<string?> Generated = Sql(
        "--generated",
        "The server computes the column from others of the same row."
    );
    private static readonly Option<bool> Stored = Flag(
        "--stored",
        "Computes the generated column on write and stores it. Only for small tables: it rewrites the table."
    );

    public static IReadOnlyList<Option> All { get; } =
    [
        NotNull,
        Default,
        Backfill,
        Derive,
        Check,
        Unique,
        Index,
        Collation,
        Comment,
        Needs(OnDelete, References),
        Needs(OnUpdate, References),
        Needs(Deferrable, References),
        Needs(InitiallyDeferred, References),
        References,
        Identity,
        Needs(Start, Identity),
        Needs(Increment, Identity),
        Needs(MinValue, Identity),
        Needs(MaxValue, Identity),
        Needs(Cache, Identity),
        Needs(Cycle, Identity),
        Generated,
        Needs(Stored, Generated),
    ];

    public static AddColumn Read(ParseResult parse, ColumnPath target, string type) =>
        new()
        {
            Table = target.Table,
            Name = target.Column,
            Type = type,
            Collation = parse.GetValue(Collation),
            Nullable = !parse.GetValue(NotNull),
            Default = parse.GetValue(Default),
            Backfill = parse.GetValue(Backfill),
            Derive = parse.GetValue(Derive),
            Check = parse.GetValue(Check),
            References = Reference(parse),
            Unique = parse.GetValue(Unique),
            Index = parse.GetValue(Index),
            Comment = parse.GetValue(Comment),
            Identity = IdentityOf(parse),
            Generated = parse.GetValue(Generated) is { } expression
                ? new GeneratedColumn { Expression = expression, Stored = parse.GetValue(Stored) }
                : null,
        };

    private static ForeignKeyReference? Reference(ParseResult parse) =>
        parse.GetValue(References) is not { } parent
            ? null
            : new ForeignKeyReference
            {
                Table = parent.Table,
                Columns = parent.Column is null ? [] : [parent.Column],
                OnDelete = ActionOf(parse.GetValue(OnDelete)),
                OnUpdate = ActionOf(parse.GetValue(OnUpdate)),
                Deferrable = parse.GetValue(Deferrable),
                InitiallyDeferred = parse.GetValue(InitiallyDeferred),
            };

    private static IdentityColumn? IdentityOf(ParseResult parse) =>
        parse.GetValue(Identity) is not { } given
            ? null
            : new IdentityColumn
            {
                Always = given == "always",
                Start = parse.GetValue(Start),
                Increment = parse.GetValue(Increment),
                MinValue = parse.GetValue(MinValue),
                MaxValue = parse.GetValue(MaxValue),
                Cache = parse.GetValue(Cache),
                Cycle = parse.GetValue(Cycle),
            };

    private static ReferentialAction ActionOf(string? word) =>
        Enum.GetValues<ReferentialAction>().FirstOrDefault(action => Text.SnakeCase(action) == (word ?? "no_action"));

    private static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    private static Option<string?> Sql(string name, string description) =>
        new(name) { Description = description, HelpName = "EXPRESSION" };

    private static Option<long?> Number(string name, string description) =>
        new(name)
        {
            Description = $"For an identity: {char.ToLowerInvariant(description[0])}{description[1..]}",
            HelpName = "NUMBER",
        };

    private static Option<string?> Action(string name, string description)
    {
        string[] words = [.. Enum.GetValues<ReferentialAction>().Select(Text.SnakeCase)];
        Option<string?> action = new(name) { Description = description, HelpName = string.Join('|', words) };
        action.AcceptOnlyFromAmong(words);
        return action;
    }

    private static Option<string?> Identities()
    {
        Option<string?> identity = new("--identity")
        {
            Description = "The server generates numbers. always: an app cannot write them.",
            HelpName = "always|by_default",
        };
        identity.AcceptOnlyFromAmong("always", "by_default");
        return identity;
    }

    private static Option Needs(Option option, Option needed)
    {
        option.Validators.Add(result =>
        {
            if (!result.Implicit && result.Parent?.GetResult(needed) is null)
            {
                result.AddError($"'{option.Name}' needs '{needed.Name}'.");
            }
        });
        return option;
    }
}
