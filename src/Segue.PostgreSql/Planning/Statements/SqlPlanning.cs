using Npgsql;
using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Explaining;
using Segue.PostgreSql.Lexing;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Statements;

/// <summary>The road of <c>sql</c>: one short transaction, whose effects are always checked.</summary>
internal sealed class SqlPlanning(Draft draft)
{
    private const int MostTold = 5;

    public async Task<IReadOnlyList<StagedStep>> PlanAsync(RawSql operation)
    {
        if (new[] { operation.Up, operation.Down ?? "" }.Any(each => SpokenHarms.SetsPassword(new StatementText(each))))
        {
            draft.Refused.Add(
                new Problem(
                    "sql",
                    "it contains a password, which everyone who reads the change file, the plan or the "
                        + "ledger would see.",
                    "Set it manually, e.g. with `\\password` of psql."
                )
            );
            return [];
        }

        DeclaredEffects declared = new(draft, operation);
        await declared.ReadAsync();
        Measured? up = await MeasureAsync(operation, declared, "up", before: null, operation.Up);
        Measured? down =
            operation.Down is null || up is null
                ? null
                : await MeasureAsync(operation, declared, "down", new StatementText(operation.Up), operation.Down);
        await CheckAppliedAsync(operation);
        if (up is null || draft.HasProblems)
        {
            return [];
        }

        declared.Compare([.. new[] { up.Effect, down?.Effect }.OfType<StatementEffect>()]);
        RefuseHarm(operation.Title, up.Effect);
        RefuseHarm($"{operation.Title}: down", down?.Effect);
        RefuseBreakage(operation, up.Effect);
        if (draft.HasProblems)
        {
            return [];
        }

        return Road(operation, up, down);
    }

    private IReadOnlyList<StagedStep> Road(RawSql operation, Measured up, Measured? down)
    {
        int number =
            draft.Change.Operations.TakeWhile(each => !ReferenceEquals(each, operation)).OfType<RawSql>().Count() + 1;
        StageName stage = operation.Down is null ? StageName.Contract : StageName.Expand;
        string id = $"{Text.SnakeCase(stage)}/sql-{number}";
        DdlStep step = StepOf(
            id,
            operation.Up,
            up,
            operation.Applied is null ? null : Sql.Parenthesised(operation.Applied)
        );
        DdlStep? undo = operation.Down is null
            ? null
            : StepOf(
                $"{id}/undo",
                operation.Down,
                down!,
                operation.Applied is null ? null : $"NOT {Sql.Parenthesised(operation.Applied)}",
                isWatched: down!.Effect.Calls.Count == 0
            );
        return
        [
            .. When(
                ConditionOf(operation, up.Effect),
                condition => new StagedStep(StageName.Switch, Gate($"switch/sql-{number}", operation, condition))
            ),
            new StagedStep(
                stage,
                step with
                {
                    Undo = undo is null ? [] : [undo],
                    Impact = step.Impact with { Reversible = undo is not null },
                }
            ),
        ];
    }

    /// <summary>
    /// The author's condition; or the objects that the statement removes, which no code may need any more.
    /// </summary>
    private static GateCondition? ConditionOf(RawSql operation, StatementEffect effect)
    {
        if (operation.WaitsFor is { } condition)
        {
            return new GateCondition(GateEvidence.AuthorsCondition, []) { Condition = condition };
        }

        return effect.Breaks.Count == 0
            ? null
            : new GateCondition(GateEvidence.NotUsed, [$"what `{operation.Title["sql ".Length..]}` removes"])
            {
                Detail = Told(effect.Breaks),
            };
    }

    private static string Told(IReadOnlyList<Breakage> breaks) =>
        string.Join("; ", breaks.Take(MostTold).Select(each => each.What))
        + (breaks.Count > MostTold ? $"; and {breaks.Count - MostTold} more" : "");

    /// <summary>
    /// Old code runs until the gate: a statement that removes something it needs runs after the gate, and cannot be
    /// rolled back.
    /// </summary>
    private void RefuseBreakage(RawSql operation, StatementEffect effect)
    {
        if (effect.Breaks.Count > 0)
        {
            draft.Hazards.Add(
                Hazard.Danger("breaks-code", $"{operation.Title}: {Told(effect.Breaks)}. A rollback cannot undo that.")
            );
        }

        if (effect.Breaks.Count > 0 && operation.Down is not null)
        {
            bool isAnotherKind = effect.SafeRoad?.StartsWith("`sql`", StringComparison.Ordinal) == false;
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    $"{Told(effect.Breaks)}; and with `down` it would run before the gate, while old code runs.",
                    (isAnotherKind ? $"{effect.SafeRoad} Else leave " : "Leave ")
                        + "`down` out: then it waits at the gate and runs last."
                )
            );
        }
        else if (
            effect.Calls.Count > 0
            && operation.WaitsFor is null
            && effect.Locks.Any(held => held.Mode == Locks.AccessExclusive)
        )
        {
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    $"it calls {string.Join(", ", effect.Calls)}, which may lock "
                        + $"{effect.Locks.First(held => held.Mode == Locks.AccessExclusive).Relation} "
                        + "strongly enough to remove any of its names, and Segue cannot see beforehand "
                        + "whether it does.",
                    "Use `waits_for` instead of `down`: then it waits at the gate."
                )
            );
        }
    }

    private static GateStep Gate(string id, RawSql operation, GateCondition condition) =>
        new()
        {
            Id = id,
            Title = $"wait before `{operation.Title["sql ".Length..]}`",
            Policy = new GatePolicy { Conditions = [condition] },
            Impact = new Impact { Locks = [], Cost = Cost.Wait },
        };

    private static DdlStep StepOf(
        string id,
        string statement,
        Measured measured,
        string? applied,
        bool isWatched = true
    )
    {
        RelationLock[] strong =
        [
            .. measured.Effect.Locks.Where(held =>
                measured.Lockable[held.Relation]
                && Locks.Strength(held.Mode) >= Locks.Strength(Locks.ShareUpdateExclusive)
            ),
        ];
        return new DdlStep
        {
            Id = id,
            Title = $"run `{statement.ReplaceLineEndings(" ")}`",
            PatientLocks =
            [
                .. strong.Select(held => Locks.Statement($"ONLY {held.Relation}", Locks.ShareUpdateExclusive)),
            ],
            Locks =
            [
                .. strong
                    .Where(held => held.Blocks != Blocks.Nothing)
                    .Select(held => Locks.Statement($"ONLY {held.Relation}", held.Mode)),
            ],
            Statements = [statement],
            IsWatched = isWatched,
            Applied = applied is null ? null : Conditions.Query(applied),
            Impact = new Impact
            {
                Locks = measured.Stated,
                Cost = measured.Effect.Work.Select(work => work.Cost).DefaultIfEmpty(Cost.Metadata).Max(),
            },
            Estimate = measured.Effect.Work.Select(work => work.Estimate).MaxBy(estimate => estimate.Seconds),
        };
    }

    /// <summary>
    /// On copies of its tables; a statement about other objects runs as it is, in the transaction that is rolled back.
    /// </summary>
    private async Task<Measured?> MeasureAsync(
        RawSql operation,
        DeclaredEffects declared,
        string key,
        StatementText? before,
        string statement
    )
    {
        StatementText text = new(statement);
        bool isTriedAsItIs = await IsTriedAsItIsAsync(text);
        if (before is not null && IsRun(before) && IsRun(text) && isTriedAsItIs != await IsTriedAsItIsAsync(before))
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: {key}",
                    "it works on another kind of object than `up`, so Segue cannot check whether it undoes `up`.",
                    "Leave `down` out, then `up` runs last; or split it into two operations."
                )
            );
            return null;
        }

        Explanation answer = isTriedAsItIs
            ? await new StatementTrial(draft.Connection).RunAsync(before, text, draft.Cancel)
            : await draft.Statements.ExplainAsync(before?.Text, statement, draft.Cancel);
        if (answer is Explanation.NotMeasured { Problem: var problem })
        {
            draft.Invalid.Add(problem with { Where = $"{operation.Title}: {key}" });
            return null;
        }

        StatementEffect effect = declared.With(((Explanation.Measured)answer).Effect);
        draft.Hazards.AddRange(effect.Calls.Count == 0 ? [] : [Unknown(operation, key, effect)]);
        Dictionary<string, bool> there = (
            await draft.Connection.QueryAsync(
                "SELECT relation, c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'UPDATE, DELETE, "
                    + "TRUNCATE') FROM unnest($1) AS relation JOIN pg_class c ON c.oid = to_regclass(relation)",
                row => (row.GetString(0), row.GetBoolean(1)),
                draft.Cancel,
                (object)effect.Locks.Select(held => held.Relation).ToArray()
            )
        ).ToDictionary();

        // Locks on objects that `up` creates need not be declared.
        return new Measured(
            effect with
            {
                Locks = [.. effect.Locks.Where(held => there.ContainsKey(held.Relation))],
            },
            effect.Locks,
            there
        );
    }

    private Task<bool> IsTriedAsItIsAsync(StatementText text) =>
        NamedTables.IsTriedAsItIsAsync(draft.Connection, text, draft.Cancel);

    /// <summary>To be measured; a query is only planned, and code not even that.</summary>
    private static bool IsRun(StatementText text) => !StatementForms.IsQuery(text) && !text.IsCode;

    private static Hazard Unknown(RawSql operation, string key, StatementEffect effect) =>
        new(
            "unknown-code",
            $"`{key}` of {operation.Title} calls {string.Join(", ", effect.Calls)}, and Segue cannot "
                + "inspect its effects beforehand. "
                + (
                    key == "down"
                        ? "Locks on objects that `up` creates cannot be declared, so Segue does not "
                            + "check them: read its code before you roll back."
                        : "Segue checks its locks before its transaction ends: a lock that `effect` does "
                            + "not declare rolls all of it back."
                            + (operation.Down is null ? "" : " Segue does not check whether `down` undoes it.")
                )
        );

    private async Task CheckAppliedAsync(RawSql operation)
    {
        if (operation.Applied is not { } query)
        {
            return;
        }

        Problem Wrong(string what) =>
            new(
                $"{operation.Title}: applied",
                what,
                "Write a query that returns one boolean, e.g. \"SELECT to_regclass('a.b') IS NOT NULL\"."
            );
        if (ExpressionText.Objection(query) is { } objection)
        {
            draft.Invalid.Add(Wrong(objection));
            return;
        }

        string asked = $"SELECT {Sql.Parenthesised(query)}";
        try
        {
            _ = await draft.Connection.AsideAsync(
                () => draft.Connection.ScalarAsync<bool>(asked, draft.Cancel),
                draft.Cancel
            );
        }
        catch (Exception error) when (error is PostgresException or InvalidCastException)
        {
            draft.Invalid.Add(
                Wrong(error is PostgresException server ? Errors.Describe(server) : "it does not return a boolean.")
            );
        }
    }

    private void RefuseHarm(string where, StatementEffect? effect)
    {
        if (
            effect?.Writes.Sum(rows => rows.Estimate.Seconds) is { } held
            && held * 1000 > draft.Options.Limits.HoldBudgetMs
        )
        {
            draft.Refused.Add(
                new Problem(
                    where,
                    $"it {(effect.Writes.All(rows => rows.Does == WrittenRows.Locks) ? "locks" : "writes")} "
                        + $"about {effect.Writes.Sum(rows => rows.Estimate.Rows):N0} rows in one transaction: "
                        + $"about {Plain.Duration(TimeSpan.FromSeconds(held))}, and locks may be held for "
                        + $"{draft.Options.Limits.HoldBudgetMs} ms.",
                    effect.SafeRoad ?? "`backfill` and `prune` do it in small batches."
                )
            );
        }

        if (
            effect is not { WorksWhileAppsWait: true }
            || effect.Work.MaxBy(work => work.Estimate.Seconds) is not { } longest
        )
        {
            return;
        }

        double seconds = effect.Work.Sum(work => work.Estimate.Seconds);
        if (seconds * 1000 > draft.Options.Limits.HoldBudgetMs)
        {
            draft.Refused.Add(
                new Problem(
                    where,
                    $"it {longest.Does} while apps wait: about "
                        + $"{Plain.Duration(TimeSpan.FromSeconds(seconds))}, and locks may be held for "
                        + $"{draft.Options.Limits.HoldBudgetMs} ms.",
                    effect.SafeRoad ?? "Run it in a maintenance window."
                )
            );
        }
    }

    /// <param name="Stated">Locks, including those on objects that `up` creates.</param>
    /// <param name="Lockable">By relation: LOCK TABLE can name it.</param>
    private sealed record Measured(
        StatementEffect Effect,
        IReadOnlyList<RelationLock> Stated,
        IReadOnlyDictionary<string, bool> Lockable
    );
}
