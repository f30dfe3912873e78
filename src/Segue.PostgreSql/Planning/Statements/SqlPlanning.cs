using Npgsql;
using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning.Statements;

/// <summary>The road of <c>sql</c>: one short transaction, of which nothing is taken on trust.</summary>
internal sealed class SqlPlanning(Draft draft)
{
    public async Task<IReadOnlyList<(StageName Stage, Step Step)>> PlanAsync(RawSql operation)
    {
        Measured? up = await MeasureAsync(operation, "up", before: null, operation.Up);
        Measured? down = operation.Down is null || up is null ? null : await MeasureAsync(operation, "down", operation.Up, operation.Down);
        await CheckAppliedAsync(operation);
        if (up is null || draft.HasProblems)
        {
            return [];
        }

        await CompareAsync(operation, up.Effect);
        RefuseHarm(operation.Title, up.Effect);
        RefuseHarm($"{operation.Title}: down", down?.Effect);
        if (draft.HasProblems)
        {
            return [];
        }

        int number = draft.Change.Operations.TakeWhile(each => !ReferenceEquals(each, operation)).OfType<RawSql>().Count() + 1;
        StageName stage = operation.Down is null ? StageName.Contract : StageName.Expand;
        string id = $"{Text.SnakeCase(stage)}/sql-{number}";
        DdlStep step = StepOf(id, operation.Up, up, operation.Applied is null ? null : Sql.Parenthesised(operation.Applied));
        DdlStep? undo = operation.Down is null ? null : StepOf($"{id}/undo", operation.Down, down!, operation.Applied is null ? null : $"NOT {Sql.Parenthesised(operation.Applied)}");
        return
        [
            .. operation.WaitsFor is { } condition ? [(StageName.Switch, Gate($"switch/sql-{number}", operation, condition))] : Array.Empty<(StageName, Step)>(),
            (stage, step with { Undo = undo is null ? [] : [undo], Impact = step.Impact with { Reversible = undo is not null } }),
        ];
    }

    private GateStep Gate(string id, RawSql operation, string condition) => new()
    {
        Id = id,
        Title = $"wait before `{operation.Title["sql ".Length..]}`",
        WaitsFor = condition,
        PassedBy = $"segue complete {draft.Change.Name}",
        Impact = new Impact { Locks = [], Cost = Cost.Wait },
    };

    private static DdlStep StepOf(string id, string statement, Measured measured, string? applied)
    {
        RelationLock[] strong = [.. measured.Effect.Locks.Where(held => measured.Lockable[held.Relation] && Locks.Strength(held.Mode) >= Locks.Strength(Locks.ShareUpdateExclusive))];
        return new DdlStep
        {
            Id = id,
            Title = $"run `{statement.ReplaceLineEndings(" ")}`",
            PatientLocks = [.. strong.Select(held => Locks.Statement($"ONLY {held.Relation}", Locks.ShareUpdateExclusive))],
            Locks = [.. strong.Where(held => held.Blocks != Blocks.Nothing).Select(held => Locks.Statement($"ONLY {held.Relation}", held.Mode))],
            Statements = [statement],
            Applied = applied is null ? null : Conditions.Query(applied),
            Impact = new Impact { Locks = measured.Effect.Locks, Cost = measured.Effect.Work.Select(work => work.Cost).DefaultIfEmpty(Cost.Metadata).Max() },
            Estimate = measured.Effect.Work.Select(work => work.Estimate).MaxBy(estimate => estimate.Seconds),
        };
    }

    /// <summary>On copies of its tables; what is about other things is tried as it is, in the transaction that is rolled back.</summary>
    private async Task<Measured?> MeasureAsync(RawSql operation, string key, string? before, string statement)
    {
        StatementText text = new(statement);
        Explanation answer = text.Objection() is null && StatementForms.IsTriedAsItIs(text)
            ? await new StatementTrial(draft.Connection).RunAsync(before, text.Text, draft.Cancel)
            : await draft.Statements.ExplainAsync(before, statement, draft.Cancel);
        if (answer is Explanation.Measured { Effect: var effect })
        {
            Dictionary<string, bool> there = (await draft.Connection.QueryAsync(
                "SELECT relation, c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') FROM unnest($1) AS relation JOIN pg_class c ON c.oid = to_regclass(relation)",
                row => (row.GetString(0), row.GetBoolean(1)), draft.Cancel, (object)effect.Locks.Select(held => held.Relation).ToArray())).ToDictionary();

            // What it makes nobody else can see yet.
            return new Measured(effect with { Locks = [.. effect.Locks.Where(held => there.ContainsKey(held.Relation))] }, there);
        }

        Problem problem = ((Explanation.NotMeasured)answer).Problem;
        draft.Invalid.Add(problem with { Where = $"{operation.Title}: {key}" });
        return null;
    }

    private async Task CheckAppliedAsync(RawSql operation)
    {
        if (operation.Applied is not { } query)
        {
            return;
        }

        Problem Wrong(string what) => new($"{operation.Title}: applied", what, "Write a query that gives one boolean, e.g. \"SELECT to_regclass('a.b') IS NOT NULL\".");
        if (ExpressionText.Objection(query) is { } objection)
        {
            draft.Invalid.Add(Wrong(objection));
            return;
        }

        await draft.Connection.ExecuteAsync("SAVEPOINT applied", draft.Cancel);
        try
        {
            _ = await draft.Connection.ScalarAsync<bool>($"SELECT {Sql.Parenthesised(query)}", draft.Cancel);
        }
        catch (Exception error) when (error is PostgresException or InvalidCastException)
        {
            draft.Invalid.Add(Wrong(error is PostgresException server ? Errors.Describe(server) : "it gives no boolean."));
        }
        finally
        {
            await draft.Connection.ExecuteAsync("ROLLBACK TO SAVEPOINT applied", draft.Cancel);
        }
    }

    private async Task CompareAsync(RawSql operation, StatementEffect effect)
    {
        List<string> declared = [];
        foreach (DeclaredEffect each in operation.Effect)
        {
            string mode = string.Join(' ', each.Lock.Replace('_', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant();
            if (Locks.Strength(mode) < 0)
            {
                draft.Invalid.Add(new Problem($"{operation.Title}: effect", $"there is no lock named {each.Lock}.", $"Write one of {string.Join(", ", Locks.All.Select(known => known.ToLowerInvariant()))}."));
            }
            else if (await draft.FindAsync(each.Table, $"{operation.Title}: effect") is { } table)
            {
                declared.AddRange(table.AllRelations());
                draft.Refused.AddRange(Differences(operation.Title, each, mode, table, effect));
            }
        }

        draft.Refused.AddRange(effect.Locks.Where(held => Locks.Strength(held.Mode) >= Locks.Strength(Locks.ShareUpdateExclusive) && !declared.Contains(held.Relation)).Select(held => new Problem(
            operation.Title, $"it takes {held.Mode} on {held.Relation}, which is not declared.", $"If that is meant, add to `effect`: {{ table: ..., lock: {held.Mode.ToLowerInvariant()}{WorkOf(effect, held.Relation)} }}.")));
    }

    private static string WorkOf(StatementEffect effect, string relation) => effect.Work.FirstOrDefault(work => work.Relation == relation) is { } found ? $", work: {Text.SnakeCase(found.Cost)}" : "";

    private static IEnumerable<Problem> Differences(string where, DeclaredEffect declared, string mode, Table table, StatementEffect effect)
    {
        string? taken = effect.Locks.FirstOrDefault(held => held.Relation == table.Sql)?.Mode;
        if (taken != mode)
        {
            yield return new Problem(where, $"{mode} on {table.Sql} is declared; it takes {taken ?? "no lock there"}.", "Declare what it does.");
        }

        RelationWork? work = effect.Work.Where(each => table.AllRelations().Contains(each.Relation)).MaxBy(each => each.Cost);
        string does = work is null ? "none" : Text.SnakeCase(work.Cost);
        if (does != Text.SnakeCase(declared.Work))
        {
            yield return new Problem(where, $"work: {Text.SnakeCase(declared.Work)} is declared for {table.Sql}; it is {does}{(work is null ? "" : $" ({work.Does})")}.", "Declare what it does.");
        }
    }

    private void RefuseHarm(string where, StatementEffect? effect)
    {
        if (effect is { IsHarmful: true } && effect.Work.MaxBy(work => work.Estimate.Seconds) is { } longest && longest.Estimate.Seconds * 1000 > draft.Options.Limits.HoldBudgetMs)
        {
            draft.Refused.Add(new Problem(
                where, $"it {longest.Does} while apps wait: about {Plain.Duration(TimeSpan.FromSeconds(longest.Estimate.Seconds))}, and locks may be held for {draft.Options.Limits.HoldBudgetMs} ms.",
                effect.SafeRoad ?? "Run it in a maintenance window."));
        }
    }

    /// <param name="Lockable">By relation: LOCK TABLE can name it.</param>
    private sealed record Measured(StatementEffect Effect, IReadOnlyDictionary<string, bool> Lockable);
}
