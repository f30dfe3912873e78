using System.Text;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning;

/// <summary>A plan as a script to read: each statement with the transaction and the settings it runs in.</summary>
internal static class PlanScript
{
    public static string Render(Plan plan)
    {
        StringBuilder text = new();
        text.AppendLine($"-- {plan.Change}: plan {PlanJson.Hash(plan)} for PostgreSQL {plan.ServerVersion}");
        text.AppendLine(
            "-- For reading only: Segue runs these statements with retries, batches, throttling and checks, "
                + "and a script cannot."
        );
        text.AppendLine("-- Its ledger and trigger functions are in schema segue, which the first apply creates.");
        foreach (Stage stage in plan.Stages)
        {
            text.AppendLine().AppendLine($"-- ===== {Text.SnakeCase(stage.Name)} =====");
            foreach (Step step in stage.Steps)
            {
                Append(text, plan, step);
            }
        }

        text.AppendLine().AppendLine("-- ===== rollback, from any point before contract =====");
        foreach (Step undo in plan.Steps().Reverse().SelectMany(step => step.Undo))
        {
            Append(text, plan, undo);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Plan plan, Step step)
    {
        text.AppendLine().AppendLine($"-- {OneLine(step.Title)}");
        foreach (RelationLock held in step.Impact.Locks)
        {
            text.AppendLine(
                $"--   lock: {held.Mode} on {OneLine(held.Relation)} (blocks "
                    + $"{Text.SnakeCase(held.Blocks).Replace('_', ' ')})"
            );
        }

        step.Accept(new ByKind(text, plan));
    }

    private sealed class ByKind(StringBuilder text, Plan plan) : IStepVisitor<StringBuilder>
    {
        public StringBuilder Ddl(DdlStep step) => AppendTransaction(text, plan, step);

        public StringBuilder Online(OnlineStep step) => text.AppendLine($"{step.Statement};");

        public StringBuilder Backfill(BackfillStep step) => AppendBackfill(text, step);

        public StringBuilder Verify(VerifyStep step) => AppendVerify(text, step);

        public StringBuilder Gate(GateStep step) =>
            text.AppendLine($"-- Waits for {OneLine(step.WaitsFor)}. To continue: complete the change.");
    }

    private static StringBuilder AppendTransaction(StringBuilder text, Plan plan, DdlStep step)
    {
        text.AppendLine("BEGIN;")
            .AppendLine($"SET LOCAL search_path = {(plan.SearchPath.Count == 0 ? "''" : Sql.Names(plan.SearchPath))};");
        if (plan.Settings.Count > 0)
        {
            IEnumerable<string> settings = plan
                .Settings.OrderBy(setting => setting.Key, StringComparer.Ordinal)
                .Select(setting => $"set_config({Sql.Literal(setting.Key)}, {Sql.Literal(setting.Value)}, true)");
            text.AppendLine($"SELECT {string.Join(", ", settings)};");
        }

        if (step.PatientLocks.Count > 0)
        {
            text.AppendLine(
                $"SET LOCAL lock_timeout = '{plan.Limits.PatientLockTimeoutMs}ms'; -- blocks no app, and "
                    + "makes an autovacuum yield"
            );
            AppendAll(text, step.PatientLocks);
        }

        text.AppendLine(
            "SET LOCAL synchronous_commit = off; -- no lock waits for a disk or a standby; the next commit does"
        );
        text.AppendLine($"SET LOCAL lock_timeout = '{plan.Limits.LockTimeoutMs}ms';")
            .AppendLine($"SET LOCAL statement_timeout = '{plan.Limits.HoldBudgetMs}ms';");
        AppendAll(text, step.Locks);
        AppendAll(text, step.Statements);
        return text.AppendLine($"{Sql.RunDeferredNow}; -- deferred triggers run now, because COMMIT has no time limit")
            .AppendLine("COMMIT;");
    }

    private static StringBuilder AppendBackfill(StringBuilder text, BackfillStep step)
    {
        foreach (BackfillTarget target in step.Targets)
        {
            text.AppendLine(
                $"-- {OneLine(target.Relation)}, each group of blocks $1 to $2 in {target.Passes.Count} "
                    + $"passes; $3 is {string.Join(", ", target.Passes)}. One transaction "
                    + $"each{(target.Workers > 1 ? $", by {target.Workers} sessions while no app is active" : "")}:"
            );
            text.AppendLine($"{Sql.RunDeferredNow}; -- deferred triggers run with each row");
            text.AppendLine($"{target.FillPart};");
            text.AppendLine("-- the last pass of a group:").AppendLine($"{target.FillRest};");
            text.AppendLine("-- a group with rows that an app had locked:").AppendLine($"{target.FillUnlocked};");
        }

        return text;
    }

    private static StringBuilder AppendVerify(StringBuilder text, VerifyStep step)
    {
        if (step.Counts is { } counts)
        {
            string claims = string.Join(
                "; ",
                step.Checks.Where(check => !check.WholeTable).Select(check => OneLine(check.Claim))
            );
            text.AppendLine($"-- {claims}; per range of blocks $1 to $2:").AppendLine($"{counts};");
        }

        foreach (VerifyCheck check in step.Checks)
        {
            string when =
                check.WholeTable ? ""
                : step.Counts is null ? "; per range of blocks $1 to $2"
                : "; which rows, in a range with violations";
            text.AppendLine($"-- {OneLine(check.Claim)}{when}:").AppendLine($"{check.Query};");
        }

        return text;
    }

    // A name may contain a line break: the text after it would no longer be a comment.
    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static void AppendAll(StringBuilder text, IEnumerable<string> statements)
    {
        foreach (string statement in statements)
        {
            text.AppendLine($"{statement};");
        }
    }
}
