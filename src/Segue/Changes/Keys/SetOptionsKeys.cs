using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>set_options</c>.</summary>
internal static class SetOptionsKeys
{
    private static readonly Key<SetOptions, TableName> Table = new(
        "table",
        TableNameValue.Instance,
        options => options.Table,
        "The table, or a partition."
    )
    {
        Required = true,
        Examples = ["orders"],
        KnownElsewhereAs = ["on"],
    };

    private static readonly Key<SetOptions, IReadOnlyDictionary<string, string>> Set = new(
        "set",
        OptionsValue.Instance,
        options => options.Set,
        "Storage parameters and their values, as the server names them."
    )
    {
        Default = OptionsValue.None,
        Examples = ["{ fillfactor: 80 }"],
        KnownElsewhereAs = ["with", "options", "storage_parameters"],
    };

    private static readonly Key<SetOptions, IReadOnlyList<string>> Reset = new(
        "reset",
        new ListValue<string>(TextValue.Plain),
        options => options.Reset,
        "Storage parameters to reset to the server's defaults."
    )
    {
        Default = [],
        Examples = ["[fillfactor]"],
    };

    private static readonly Key<SetOptions, string> Comment = new(
        "comment",
        TextValue.Plain,
        options => options.Comment,
        "The comment the server keeps with the table."
    )
    {
        Examples = ["One row per order"],
    };

    public static MapShape<SetOptions> Shape { get; } =
        new(
            "set_options",
            "Sets storage parameters and the comment of a table.",
            [Table, Set, Reset, Comment],
            fields => new SetOptions
            {
                Table = fields.Get(Table),
                Set = fields.Get(Set),
                Reset = fields.List(Reset),
                Comment = fields.Get(Comment),
            }
        )
        {
            Typical = [Set],
            Judge = (options, fields) =>
            {
                if (options is { Set.Count: 0, Reset.Count: 0, Comment: null })
                {
                    fields.Refuse(Table, "set_options changes nothing", "Add 'set:', 'reset:' or 'comment:'.");
                }

                if (options.Reset.FirstOrDefault(options.Set.ContainsKey) is { } both)
                {
                    fields.Refuse(Reset, $"'{Excerpt.Of(both)}' is set and reset", "Keep one of the two.");
                }
            },
        };
}
