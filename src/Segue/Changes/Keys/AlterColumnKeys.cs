using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>alter_column</c>.</summary>
internal static class AlterColumnKeys
{
    private const long MostStatistics = 10_000;

    private static readonly Key<AlterColumn, TableName> Table = SharedKeys.Table<AlterColumn>(
        alter => alter.Table,
        "on"
    );

    private static readonly Key<AlterColumn, string> Name = new(
        "name",
        NameValue.Instance,
        alter => alter.Name,
        "The column's exact name, without SQL quotes."
    )
    {
        Required = true,
        Examples = ["currency"],
        KnownElsewhereAs = ["column"],
    };

    private static readonly Key<AlterColumn, string> Type = new(
        "type",
        TextValue.Plain,
        alter => alter.Type,
        "A wider type to which the server can change without rewriting or reading the table, e.g. "
            + "varchar(100) from varchar(50)."
    )
    {
        Examples = ["text"],
    };

    private static readonly Key<AlterColumn, string> Collation = new(
        "collation",
        NameValue.Instance,
        alter => alter.Collation,
        "The collation, if no index must be rebuilt for it."
    )
    {
        Examples = ["C"],
    };

    private static readonly Key<AlterColumn, bool> Nullable = new(
        "nullable",
        FlagValue.Instance,
        alter => alter.Nullable,
        "false: NOT NULL; rows that are NULL are filled by backfill, or reported. true: NULL is "
            + "allowed once the gate is passed."
    )
    {
        IsNullLeftOut = true,
        Examples = ["false"],
    };

    private static readonly Key<AlterColumn, string> Backfill = new(
        "backfill",
        TextValue.Sql,
        alter => alter.Backfill,
        "An SQL expression over the row, for rows that are NULL. Until the gate is passed, new rows of "
            + "old code get it too. Needs nullable: false."
    )
    {
        Examples = ["'USD'"],
        KnownElsewhereAs = ["up"],
    };

    private static readonly Key<AlterColumn, string> Default = new(
        "default",
        TextValue.Sql,
        alter => alter.Default,
        "An SQL expression for new rows. Existing rows stay as they are."
    )
    {
        Examples = ["'USD'"],
    };

    private static readonly Key<AlterColumn, bool> DropDefault = new(
        "drop_default",
        FlagValue.Instance,
        alter => alter.DropDefault,
        "true: drops the default. New rows without a value get NULL, once the gate is passed."
    );

    private static readonly Key<AlterColumn, string> Comment = new(
        "comment",
        TextValue.Plain,
        alter => alter.Comment,
        "The comment the server keeps with the column."
    )
    {
        Examples = ["ISO 4217 code"],
    };

    private static readonly Key<AlterColumn, bool> DropComment = new(
        "drop_comment",
        FlagValue.Instance,
        alter => alter.DropComment,
        "true: removes the comment."
    );

    private static readonly Key<AlterColumn, long> Statistics = new(
        "statistics",
        new NumberValue(-1, MostStatistics),
        alter => alter.Statistics,
        "The statistics target of the column; -1 for the server's default."
    )
    {
        IsNullLeftOut = true,
        Examples = ["500"],
        KnownElsewhereAs = ["statistics_target"],
        Needs = ServerFeature.StatisticsTargets,
    };

    private static readonly Key<AlterColumn, ColumnStorage> Storage = new(
        "storage",
        ChoiceValue<ColumnStorage>.Instance,
        alter => alter.Storage,
        "How values are stored from now on; existing ones stay as they are."
    )
    {
        IsNullLeftOut = true,
        Examples = ["external"],
        Needs = ServerFeature.ColumnStorage,
    };

    private static readonly Key<AlterColumn, ColumnCompression> Compression = new(
        "compression",
        ChoiceValue<ColumnCompression>.Instance,
        alter => alter.Compression,
        "The compression method from now on; existing values stay as they are."
    )
    {
        IsNullLeftOut = true,
        Examples = ["lz4"],
        Needs = ServerFeature.ColumnCompression,
    };

    private static readonly Key<AlterColumn, IReadOnlyList<string>> EndSessionsOf = new(
        "end_sessions_of",
        new ListValue<string>(NameValue.Instance),
        alter => alter.EndSessionsOf,
        "Applications, by the application_name of their sessions. Their idle sessions are ended when "
            + "the type changes, so that their pools open new ones. Needs type or collation."
    )
    {
        Default = ValueList.Create<string>([]),
        Examples = ["[shop]"],
        Needs = ServerFeature.NamedSessions,
    };

    public static MapShape<AlterColumn> Shape { get; } =
        new(
            "alter_column",
            "Changes attributes of an existing column while old and new code use the table.",
            [
                Table,
                Name,
                Type,
                Collation,
                Nullable,
                Backfill,
                Default,
                DropDefault,
                Comment,
                DropComment,
                Statistics,
                Storage,
                Compression,
                EndSessionsOf,
            ],
            fields => new AlterColumn
            {
                Table = fields.Get(Table),
                Name = fields.Get(Name),
                Type = fields.Get(Type),
                Collation = fields.Get(Collation),
                Nullable = fields.Find(Nullable),
                Backfill = fields.Get(Backfill),
                Default = fields.Get(Default),
                DropDefault = fields.Get(DropDefault),
                Comment = fields.Get(Comment),
                DropComment = fields.Get(DropComment),
                Statistics = fields.Find(Statistics),
                Storage = fields.Find(Storage),
                Compression = fields.Find(Compression),
                EndSessionsOf = [.. fields.Get(EndSessionsOf) ?? []],
            }
        )
        {
            Exclusions =
            [
                new(Default, DropDefault, "Keep one of them."),
                new(Comment, DropComment, "Keep one of them."),
            ],
            Typical = [Nullable, Backfill],
            Judge = Judge,
        };

    private static void Judge(AlterColumn alter, Fields<AlterColumn> fields)
    {
        if (alter with { EndSessionsOf = [] } == new AlterColumn { Table = alter.Table, Name = alter.Name })
        {
            fields.Refuse(
                Name,
                "nothing is altered",
                "Give one of: type, collation, nullable, default, drop_default, comment, drop_comment, "
                    + "statistics, storage or compression."
            );
        }

        if (alter.EndSessionsOf.Count > 0 && alter.Type is null && alter.Collation is null)
        {
            fields.Refuse(
                EndSessionsOf,
                "'end_sessions_of' needs 'type' or 'collation'",
                "Remove it: no other alteration invalidates prepared statements."
            );
        }

        if (alter.Backfill is not null && alter.Nullable is not false)
        {
            fields.Refuse(
                Backfill,
                "'backfill' needs 'nullable: false'",
                "Add 'nullable: false': a backfill replaces NULLs, which the column then rejects."
            );
        }
    }
}
