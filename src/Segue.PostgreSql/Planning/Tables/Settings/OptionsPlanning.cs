using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Settings;

/// <summary>The road of <c>set_options</c>: catalog only; a rollback restores the old values.</summary>
internal sealed class OptionsPlanning(Draft draft)
{
    /// <summary>
    /// Documentation of ALTER TABLE: these take SHARE UPDATE EXCLUSIVE. For any other the strongest lock is taken.
    /// </summary>
    private static readonly string[] Weak =
    [
        "fillfactor",
        "toast_tuple_target",
        "parallel_workers",
        "log_auto",
        "autovacuum_",
        "vacuum_",
        "toast.",
    ];

    public async Task<IReadOnlyList<StagedStep>> PlanAsync(SetOptions operation)
    {
        await draft.CheckEncodingAsync(operation.Title, "comment", operation.Comment);
        if (
            await draft.OwnedAsync(operation.Table, operation.Title) is not { } table
            || !draft.Claim(ClaimKind.Options, $"{table.Schema}.{table.Name}", operation)
        )
        {
            return [];
        }

        TableOptions before = await TableOptions.ReadAsync(draft.Connection, table, draft.Cancel);
        Judge(operation, table, before);
        if (!draft.HasProblems && operation.Set.Count > 0)
        {
            TableCopy copy = await draft.CopyAsync(table, operation.Title);
            string clause = Clause(operation.Set.ToDictionary(option => option.Key, string? (option) => option.Value));
            await copy.TryAsync(
                "set",
                "Storage parameters are in the documentation of CREATE TABLE.",
                () => draft.Connection.ExecuteAsync($"ALTER TABLE {copy.Sql} {clause}", draft.Cancel),
                draft.Cancel
            );
            await draft.DropAsync(copy);
        }

        if (draft.HasProblems)
        {
            return [];
        }

        Dictionary<string, string?> after = operation
            .Set.ToDictionary(option => option.Key, string? (option) => option.Value)
            .Concat(operation.Reset.Select(name => KeyValuePair.Create(name, (string?)null)))
            .Where(option => before.Values.GetValueOrDefault(option.Key) != option.Value)
            .ToDictionary();
        return
        [
            .. When(after.Count > 0, () => new StagedStep(StageName.Enforce, Options(table, before, after))),
            .. operation.Comment is { } comment && comment != before.Comment
                ? [new StagedStep(StageName.Enforce, Comment(table, before.Comment, comment))]
                : Array.Empty<StagedStep>(),
        ];
    }

    private void Judge(SetOptions operation, Table table, TableOptions before)
    {
        if (table.IsPartitioned && (operation.Set.Count > 0 || operation.Reset.Count > 0))
        {
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    $"{table.Name} is partitioned: it has no storage of its own.",
                    "Name its partitions, each in a separate operation, e.g. "
                        + $"{table.Partitions.FirstOrDefault(partition => partition.Kind == 'r')?.Name ?? "its first"}."
                )
            );
        }

        if (
            operation.Set.Keys.FirstOrDefault(name =>
                !name.All(letter =>
                    char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '_' or '.'
                )
            ) is
            { } odd
        )
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: set",
                    $"\"{odd}\" is not a storage parameter.",
                    "Storage parameters are in the documentation of CREATE TABLE, in lower case."
                )
            );
        }

        if (!before.HasToast && operation.Set.Keys.FirstOrDefault(TableOptions.IsOfToast) is { } toast)
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: set",
                    $"{table.Name} has no TOAST table that could take {toast}: none of its columns can grow large.",
                    "Leave it out."
                )
            );
        }

        if (operation.Reset.FirstOrDefault(name => !before.Values.ContainsKey(name)) is { } unset)
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: reset",
                    $"{unset} is not set on {table.Schema}.{table.Name}.",
                    before.Values.Count == 0 ? "Nothing is." : $"Set are {string.Join(", ", before.Values.Keys)}."
                )
            );
        }
    }

    private static DdlStep Options(Table table, TableOptions all, Dictionary<string, string?> after)
    {
        Dictionary<string, string?> before = after.Keys.ToDictionary(
            name => name,
            name => all.Values.GetValueOrDefault(name)
        );
        string mode = after.Keys.All(name => Weak.Any(weak => name.StartsWith(weak, StringComparison.Ordinal)))
            ? Locks.ShareUpdateExclusive
            : Locks.AccessExclusive;
        DdlStep Set(string id, Dictionary<string, string?> values) =>
            Short(
                table,
                mode,
                id,
                string.Join(
                    ", ",
                    values.Select(option =>
                        option.Value is null ? $"reset {option.Key}" : $"set {option.Key} to {option.Value}"
                    )
                ),
                $"ALTER TABLE {table.Sql} {Clause(values)}"
            ) with
            {
                Applied = Conditions.Query(Are(table, values)),
            };
        string isAltered = string.Join(
            " OR ",
            after.Select(option =>
                Conditions.Not(
                    Conditions.Either(
                        TableOptions.Is(table, option.Key, option.Value),
                        TableOptions.Is(table, option.Key, before[option.Key])
                    )
                )
            )
        );
        return Set("enforce/options", after) with
        {
            Undo =
            [
                Set("enforce/options/undo", before) with
                {
                    Obstacle = new Steps(table).Altered("an option", isAltered),
                },
            ],
        };
    }

    private static DdlStep Comment(Table table, string? before, string after)
    {
        DdlStep Set(string id, string? comment) =>
            Short(
                table,
                Locks.ShareUpdateExclusive,
                id,
                $"comment on {table.Name}",
                $"COMMENT ON TABLE {table.Sql} IS {Text(comment)}"
            ) with
            {
                Applied = Conditions.Query(
                    $"(obj_description(to_regclass({Sql.Literal(table.Sql)}), 'pg_class') IS NOT DISTINCT "
                        + $"FROM {Text(comment)})"
                ),
            };
        return Set("enforce/comment", after) with { Undo = [Set("enforce/comment/undo", before)] };
    }

    private static DdlStep Short(Table table, string mode, string id, string title, string statement) =>
        new()
        {
            Id = new Steps(table).IdOf(id),
            Title = title,
            PatientLocks = [Locks.Statement($"ONLY {table.Sql}", Locks.ShareUpdateExclusive)],
            Locks = mode == Locks.AccessExclusive ? [Locks.Statement($"ONLY {table.Sql}", mode)] : [],
            Statements = [statement],
            Impact = new Impact { Locks = [Locks.On(table.Sql, mode)], Cost = Cost.Metadata },
            Estimate = Estimates.Metadata(table),
        };

    private static string Clause(Dictionary<string, string?> values)
    {
        string[] set =
        [
            .. values
                .Where(option => option.Value is not null)
                .Select(option => $"{option.Key} = {Sql.Literal(option.Value!)}"),
        ];
        string[] reset = [.. values.Where(option => option.Value is null).Select(option => option.Key)];
        return string.Join(
            ", ",
            new[]
            {
                set.Length > 0 ? $"SET ({string.Join(", ", set)})" : "",
                reset.Length > 0 ? $"RESET ({string.Join(", ", reset)})" : "",
            }.Where(part => part.Length > 0)
        );
    }

    private static string Are(Table table, Dictionary<string, string?> values) =>
        Conditions.All(values.Select(option => TableOptions.Is(table, option.Key, option.Value)));

    private static string Text(string? text) => text is null ? "NULL" : Sql.Literal(text);
}
