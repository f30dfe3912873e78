using Segue.Changes;
using Segue.Planning;

namespace Segue.Tests.Memory;

/// <summary>The steps of each kind, top to bottom.</summary>
internal static class MemoryRoads
{
    /// <summary>Passes over a group of keys, so that the core's passes are tried by keys too.</summary>
    private static readonly int[] Passes = [1, 2];

    public static IEnumerable<StagedStep> Of(AddColumn column)
    {
        (string table, string name) = (column.Table.Name, column.Name);
        string fill = $"fill {table} {name} = {column.Backfill}";
        yield return new StagedStep(StageName.Expand, Expand(table, name, column.Backfill!));
        yield return new StagedStep(StageName.Backfill, Fill(table, name, fill));
        yield return new StagedStep(StageName.Verify, Verify(table, name, fill));
        if (!column.Nullable)
        {
            yield return new StagedStep(StageName.Enforce, Require(table, name));
        }

        yield return new StagedStep(StageName.Switch, Gate(table, GateEvidence.WrittenByApp, name));
        yield return new StagedStep(StageName.Contract, Contract(table, name));
    }

    public static OnlineStep Of(CreateIndex index)
    {
        string table = index.Table.Name;
        string kind = index.Unique ? " unique" : "";
        return new OnlineStep
        {
            Id = $"enforce/{table}/{index.Name}",
            Title = $"build index {index.Name}",
            Impact = On(table, Blocks.Nothing, Cost.Build),
            Statement = $"create index {index.Name} {table} {index.Columns[0].Column}{kind}",
            Applied = $"index {index.Name}",
            Obstacle = new Obstacle($"table {index.Name}", $"a table has the name {index.Name}: rename it"),
            Residue = new Residue($"residue {index.Name}", $"drop index {index.Name}"),
            Undo =
            [
                Ddl($"undo/{table}/{index.Name}", table, [$"drop index {index.Name}"]) with
                {
                    Applied = $"no index {index.Name} and no residue {index.Name}",
                },
            ],
        };
    }

    /// <summary>Set aside after the gate, and kept for a time, in which a rollback restores it.</summary>
    public static IEnumerable<StagedStep> Of(DropTable drop)
    {
        string table = drop.Table.Name;
        string kept = $"kept_{table}";
        yield return new StagedStep(StageName.Switch, Gate(table, GateEvidence.NotUsed, table));
        yield return new StagedStep(
            StageName.Contract,
            Ddl($"contract/{table}", table, [$"move table {table} {kept}"]) with
            {
                Applied = $"table {kept} and no table {table}",
                Obstacle = new Obstacle($"table {kept}", $"a table {kept} exists already: rename it"),
                Undo =
                [
                    Ddl($"undo/{table}", kept, [$"move table {kept} {table}"]) with
                    {
                        Applied = $"table {table} and no table {kept}",
                        Obstacle = new Obstacle(
                            $"no table {kept} or table {table}",
                            $"{table} cannot be restored: it was purged, or another table has its name"
                        ),
                    },
                ],
                Retains = new Retention
                {
                    What = table,
                    Relation = kept,
                    Seconds = (long)drop.Keep.TotalSeconds,
                    Purge = Ddl($"purge/{table}", kept, [$"drop table {kept}"]) with { Applied = $"no table {kept}" },
                },
            }
        );
    }

    /// <summary>
    /// As a server needs it whose statements commit by themselves: a step for each, with a question of its own.
    /// </summary>
    public static IEnumerable<StagedStep> EachAlone(StagedStep planned) =>
        planned.Step switch
        {
            DdlStep { Statements.Count: > 1 } ddl => ddl.Statements.Select(
                (statement, n) =>
                    planned with
                    {
                        Step = Alone(ddl, $"{ddl.Id}/{n}", statement) with
                        {
                            Undo = [Alone(ddl, $"{ddl.Id}/{n}/undo", Reverse(statement))],
                        },
                    }
            ),
            DdlStep ddl => [planned with { Step = ddl with { Commit = Commit.EachStatement } }],
            var other =>
            [
                planned with
                {
                    Step = other with
                    {
                        Undo = [.. other.Undo.Cast<DdlStep>().Select(u => u with { Commit = Commit.EachStatement })],
                    },
                },
            ],
        };

    private static DdlStep Alone(DdlStep of, string id, string statement)
    {
        string[] words = statement.Split(' ');
        return of with
        {
            Id = id,
            Title = statement,
            Statements = [statement],
            Applied = $"{(words[0] == "drop" ? "no " : "")}{words[1]} {words[2]} {words[3]}",
            Commit = Commit.EachStatement,
            Undo = [],
        };
    }

    private static string Reverse(string statement) =>
        statement.Split(' ') is [_, var what, var table, var name, ..] ? $"drop {what} {table} {name}" : statement;

    private static DdlStep Expand(string table, string name, string expression) =>
        Ddl(
            $"expand/{table}/{name}",
            table,
            [$"add column {table} {name}", $"create trigger {table} {name} = {expression}"]
        ) with
        {
            Applied = $"column {table} {name} and trigger {table} {name}",
            Undo =
            [
                Ddl($"undo/{table}/{name}", table, [$"drop trigger {table} {name}", $"drop column {table} {name}"]) with
                {
                    Applied = $"no column {table} {name}",
                },
            ],
        };

    private static BackfillStep Fill(string table, string name, string fill) =>
        new()
        {
            Id = $"backfill/{table}/{name}",
            Title = $"fill {name} of {table}",
            Impact = On(table, Blocks.Nothing, Cost.Batches),
            Targets =
            [
                new BackfillTarget
                {
                    Relation = table,
                    Passes = Passes,
                    FillPart = fill,
                    FillRest = fill,
                    FillUnlocked = fill,
                    CountRemaining = fill,
                    FillEach = fill,
                },
            ],
        };

    private static VerifyStep Verify(string table, string name, string fill) =>
        new()
        {
            Id = $"verify/{table}/{name}",
            Title = $"compare {name} of {table}",
            Impact = On(table, Blocks.Nothing, Cost.Scan),
            RepairedBy = $"backfill/{table}/{name}",
            Checks =
            [
                new VerifyCheck
                {
                    Claim = $"{name} is filled",
                    Relation = table,
                    Query = fill,
                    QueryEach = fill,
                    Remedy = "Correct these rows.",
                },
            ],
        };

    private static OnlineStep Require(string table, string name) =>
        new()
        {
            Id = $"enforce/{table}/{name}",
            Title = $"require {name} of {table}",
            Impact = On(table, Blocks.Nothing, Cost.Scan),
            Statement = $"require {table} {name}",
            Applied = $"required {table} {name}",
        };

    private static GateStep Gate(string table, GateEvidence evidence, string name) =>
        new()
        {
            Id = $"switch/{table}/{name}",
            Title = "wait for the app",
            Impact = On(table, Blocks.Nothing, Cost.Wait),
            Policy = new GatePolicy { Conditions = [new GateCondition(evidence, [name])] },
        };

    private static DdlStep Contract(string table, string name) =>
        Ddl($"contract/{table}/{name}", table, [$"drop trigger {table} {name}"]) with
        {
            Applied = $"no trigger {table} {name}",
            WantsQuiet = true,
        };

    private static DdlStep Ddl(string id, string table, IReadOnlyList<string> statements) =>
        new()
        {
            Id = id,
            Title = string.Join(", ", statements),
            Impact = On(table, Blocks.ReadsAndWrites, Cost.Metadata),
            Statements = statements,
        };

    private static Impact On(string table, Blocks blocks, Cost cost) =>
        new() { Locks = [new RelationLock(table, "lock", blocks)], Cost = cost };
}
