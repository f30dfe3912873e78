using System.Diagnostics;
using Segue.Planning;

namespace Segue.Cli.Rendering;

/// <summary>One step of a plan for people.</summary>
internal sealed class StepText(Sheet sheet)
{
    private const int Indent = 5;

    public void Write(Step step, Limits limits)
    {
        step.Accept(new Work(this));
        if (step is GateStep)
        {
            return;
        }

        Locks(step, limits);
        sheet.Field(Indent, "cost", Cost(step));
        Undo(step);
    }

    /// <summary>E.g. <c>blocks writes, for at most 500 ms</c>.</summary>
    public static string Blocked(Step step, Limits limits) =>
        step is GateStep ? "waits for you" : Blocked(step, step.Impact.Blocks, step.Impact.Reach, limits);

    private sealed class Work(StepText text) : IStepVisitor<Sheet>
    {
        public Sheet Ddl(DdlStep step) => text.Sql("sql", [.. Statements.Of(step)]);

        public Sheet Online(OnlineStep step) => text.Sql("sql", [.. Statements.Of(step)]);

        public Sheet Backfill(BackfillStep step) => text.Fill(step.Targets);

        public Sheet Verify(VerifyStep step) => text.Checks(step);

        public Sheet Gate(GateStep step) => text.Gate(step);
    }

    private Sheet Fill(IReadOnlyList<BackfillTarget> targets)
    {
        BackfillTarget first = targets[0];
        Sql("sql", first.Passes.Count > 1 ? first.FillPart : first.FillRest);
        sheet.Field(
            Indent,
            "",
            "by ranges of blocks ($1 to $2), each in "
                + $"{Passes(first.Passes.Count)}{Workers(first.Workers)}{Others(targets.Count)}",
            Ink.Faint
        );
        return sheet;
    }

    private Sheet Gate(GateStep step)
    {
        sheet.Field(Indent, "waits for", step.WaitsFor);
        return sheet;
    }

    private Sheet Checks(VerifyStep step)
    {
        foreach (VerifyCheck check in step.Checks)
        {
            sheet.Field(Indent, "claim", $"{Printable.Relation(check.Relation)}: {check.Claim}");
            if (step.Counts is null || check.WholeTable)
            {
                Sql("sql", check.Query);
            }
        }

        if (step.Counts is { } counts)
        {
            Sql("sql", counts);
            sheet.Field(
                Indent,
                "",
                "in one scan, by ranges of blocks ($1 to $2); rows found are looked up by their keys",
                Ink.Faint
            );
        }

        return sheet;
    }

    private void Locks(Step step, Limits limits)
    {
        if (step.Impact.Locks.Count == 0)
        {
            sheet.Field(Indent, "locks", "none that blocks an app");
            return;
        }

        int width = step.Impact.Locks.Max(held => Printable.Relation(held.Relation).Length);
        foreach ((int index, RelationLock held) in step.Impact.Locks.Index())
        {
            string line =
                $"{Printable.Relation(held.Relation).PadRight(width)}  {held.Mode}, "
                + $"{Blocked(step, held.Blocks, held.Reach, limits)}";
            sheet.Field(
                Indent,
                index == 0 ? "locks" : "",
                Wrapping.Lines(line, sheet.Room(Indent)),
                held.Blocks == Blocks.Nothing ? Ink.Plain : Ink.Warning
            );
        }
    }

    private void Undo(Step step)
    {
        string[] statements = [.. step.Undo.SelectMany(Statements.Of)];
        if (statements.Length > 0)
        {
            Sql("undo", statements);
        }
        else if (!step.Impact.Reversible)
        {
            sheet.Field(Indent, "undo", "none: this cannot be undone");
        }
    }

    private Sheet Sql(string label, params string[] statements)
    {
        sheet.Field(Indent, label, statements.SelectMany(Lines), Ink.Code);
        return sheet;
    }

    private static IEnumerable<string> Lines(string statement)
    {
        string text = statement.ReplaceLineEndings("\n").Trim();
        return (text.EndsWith(';') ? text : $"{text};").Split('\n');
    }

    /// <summary>Which tables a lock that reaches further blocks.</summary>
    public static string Reaching(LockReach reach) =>
        reach switch
        {
            LockReach.Relation => "",
            LockReach.Database => " of every table of the database",
            LockReach.Cluster => " of every table on every server of the cluster",
            _ => throw new UnreachableException($"{reach}"),
        };

    private static string Blocked(Step step, Blocks blocks, LockReach reach, Limits limits) =>
        blocks switch
        {
            Blocks.Nothing => "blocks nothing",
            Blocks.Writes => $"blocks writes{Reaching(reach)}{Briefly(step, limits)}",
            _ => $"blocks reads and writes{Reaching(reach)}{Briefly(step, limits)}",
        };

    private static string Briefly(Step step, Limits limits) =>
        step is DdlStep ? $", for at most {Plain.Duration(TimeSpan.FromMilliseconds(limits.HoldBudgetMs))}" : "";

    private static string Cost(Step step)
    {
        string work = step.Impact.Cost switch
        {
            Planning.Cost.Metadata => "catalog only, for a table of any size",
            Planning.Cost.Scan => "reads every row",
            Planning.Cost.Sample => "reads a sample of the rows",
            Planning.Cost.Build => "builds an index",
            Planning.Cost.Batches => "reads every row and writes those to be filled, in small transactions",
            Planning.Cost.Rewrite => "rewrites the table under its lock (the table is small)",
            _ => "waits",
        };
        return step switch
        {
            { Estimate: null } or { Impact.Cost: Planning.Cost.Metadata } => work,
            { Estimate: var estimate } =>
                $"{work}; about {Plain.Duration(TimeSpan.FromSeconds(estimate.Seconds))} ({estimate.Basis})",
        };
    }

    private static string Passes(int passes) =>
        passes == 1
            ? "one pass"
            : $"{passes} passes up to a share ($3 of 256) of a page's rows, so that rows stay on their pages";

    private static string Workers(int workers) => workers == 1 ? "" : $"; by {workers} sessions while no app is active";

    private static string Others(int targets) =>
        targets == 1 ? "" : $"; {targets - 1} more {(targets == 2 ? "table" : "tables")} in the same way";
}
