using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>What the kinds for constraints share: a table, the constraint's name, often its columns.</summary>
internal static class ConstraintShape
{
    public static MapShape<T> Of<T>(
        string kind,
        string description,
        Key<T, string> name,
        IReadOnlyList<Key<T>> others,
        Func<Fields<T>, TableName, string?, T> build
    )
        where T : TableOperation
    {
        Key<T, TableName> table = SharedKeys.Table<T>(operation => operation.Table, "on");
        return new MapShape<T>(
            kind,
            description,
            [table, name, .. others],
            fields => build(fields, fields.Get(table), fields.Get(name))
        );
    }

    public static MapShape<T> WithColumns<T>(
        string kind,
        string description,
        Key<T, string> name,
        Func<T, IReadOnlyList<string>> get,
        IReadOnlyList<Key<T>> others,
        Func<Fields<T>, TableName, string?, ValueList<string>, T> build,
        Action<T, Fields<T>, Key<T>> judge
    )
        where T : TableOperation
    {
        Key<T, IReadOnlyList<string>> columns = new(
            "columns",
            new ListValue<string>(NameValue.Instance),
            get,
            "Its columns, in order."
        )
        {
            Required = true,
            Examples = ["[currency]"],
            KnownElsewhereAs = ["column"],
        };
        return Of(
            kind,
            description,
            name,
            [columns, .. others],
            (fields, table, named) => build(fields, table, named, fields.List(columns))
        ) with
        {
            Judge = (add, fields) =>
            {
                if (get(add) is [])
                {
                    fields.Refuse(columns, "'columns' is empty", "Name at least one column.");
                }
                else if (get(add).GroupBy(column => column).FirstOrDefault(same => same.Count() > 1) is { } twice)
                {
                    fields.Refuse(columns, $"'columns' names '{Excerpt.Of(twice.Key)}' twice", "Keep one of the two.");
                }

                judge(add, fields, columns);
            },
        };
    }

    public static Key<T, string> NewName<T>(Func<T, string?> get, string example) =>
        new(
            "name",
            NameValue.Instance,
            get,
            $"The constraint's exact name. Default: the server's name for it, e.g. {example}."
        )
        {
            Examples = [example],
            KnownElsewhereAs = ["constraint"],
        };

    public static Key<T, string> KnownName<T>(Func<T, string?> get) =>
        new("name", NameValue.Instance, get, "The constraint's exact name.")
        {
            Required = true,
            Examples = ["orders_total_check"],
            KnownElsewhereAs = ["constraint", "from"],
        };

    /// <summary>Refuses <c>initially_deferred</c> without <c>deferrable</c>.</summary>
    public static void RefuseDeferred<T>(Fields<T> fields, Key<T, bool> key, bool deferrable, bool initiallyDeferred)
    {
        if (initiallyDeferred && !deferrable)
        {
            fields.Refuse(key, "'initially_deferred' needs 'deferrable'", "Add 'deferrable: true'.");
        }
    }
}
