using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Tables;

namespace Segue.PostgreSql.Planning.Columns.Rename;

/// <summary>What old and new code cannot do while a column has two names, and code that uses the old one.</summary>
internal sealed class RenameColumnHazards(Draft draft, Mirror mirror)
{
    private string Table => mirror.Table.Name;

    private string Old => mirror.Old.Name;

    public async Task<IReadOnlyList<Hazard>> FindAsync() =>
        [
            .. await Hazards.OfAsync(
                draft.Connection,
                new HazardFacts(mirror.Table, draft.Server, FillsInBatches: true),
                [mirror.Column],
                draft.Cancel
            ),
            Hazard.Notice(
                "two-columns",
                $"Until the change is completed {Table} has both columns, and each row holds the value twice. If a "
                    + $"statement gives both, the value of {mirror.NewName} counts. After the change is completed the "
                    + "space of the second value stays in each row until the row is updated or the table is rewritten."
            ),
            .. await IsUniqueAsync()
                ?
                [
                    new Hazard(
                        "upsert-by-column",
                        $"Until the change is completed only {Old} has the unique index: ON CONFLICT "
                            + $"({mirror.NewName}) in new code fails. ON CONFLICT DO NOTHING and ON "
                            + "CONFLICT ON CONSTRAINT work for both versions. (A second unique index would let "
                            + "concurrent upserts of one key fail.)"
                    ),
                ]
                : Array.Empty<Hazard>(),
            .. mirror.DefaultVaries
                ?
                [
                    Hazard.Notice(
                        "varying-default",
                        $"{Old} has a default that may give another value each time, or fail. Until the change is "
                            + $"completed an INSERT that gives {mirror.NewName} NULL gets the default, like one that "
                            + "leaves it out; one that gives it a value evaluates the default as well, so it uses up "
                            + $"a number of a sequence, and fails where the default fails; UPDATE ... SET "
                            + $"{mirror.NewName} = DEFAULT gives NULL; and inserts of old code are not counted, only "
                            + "its updates."
                    ),
                ]
                : Array.Empty<Hazard>(),
            .. await FunctionsAsync(),
            .. mirror.Table.Publications.Count == 0
                ? Array.Empty<Hazard>()
                :
                [
                    new Hazard(
                        "published-name",
                        $"{Table} is published ({string.Join(", ", mirror.Table.Publications)}), and subscribers find "
                            + $"columns by name: until the change is completed they need {Old} and {mirror.NewName}, "
                            + $"afterwards only {mirror.NewName}, which has all values by then. Drop {Old} there once "
                            + "the change is completed and replicated."
                    ),
                ],
        ];

    private Task<bool> IsUniqueAsync() =>
        draft.Connection.ScalarAsync<bool>(
            """
            SELECT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
                AND a.attnum = ANY (i.indkey::int2[])
            WHERE i.indrelid = $1::oid AND a.attname = $2 AND (i.indisunique OR i.indisexclusion))
            """,
            draft.Cancel,
            (long)mirror.Table.Oid,
            Old
        );

    private async Task<IReadOnlyList<Hazard>> FunctionsAsync()
    {
        IReadOnlyList<string> functions = await FunctionTexts.NamingAsync(
            draft.Connection,
            mirror.Table,
            draft.Cancel,
            FunctionTexts.Word(Old)
        );
        IReadOnlyList<string> triggers = await FunctionTexts.OfTriggersAsync(
            draft.Connection,
            mirror.Table,
            FunctionTexts.Word(Old),
            draft.Cancel
        );
        string[] all = [.. functions.Union(triggers).Order(StringComparer.Ordinal)];
        return all.Length == 0
            ? []
            :
            [
                Hazard.Danger(
                    "name-in-functions",
                    $"The text of these functions names {Old}: {string.Join(", ", all)}. Until the change is completed "
                        + $"both names work. Before that, make them use {mirror.NewName}: afterwards they fail, and "
                        + "with a trigger's function every statement that fires it."
                ),
            ];
    }
}
