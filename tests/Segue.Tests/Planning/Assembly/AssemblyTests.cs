using Segue.Changes;
using Segue.Changes.Files;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Planning.Assembly;

namespace Segue.Tests.Planning.Assembly;

public class AssemblyTests
{
    private static readonly TableName Orders = new(null, "orders");

    private static readonly AddColumn Note = new()
    {
        Table = Orders,
        Name = "note",
        Type = "text",
    };

    private static readonly AddCheck Check = new() { Table = Orders, Check = "note <> ''" };

    private static readonly BackfillRows Backfill = new()
    {
        Table = Orders,
        Set = new Dictionary<string, string> { ["note"] = "'x'" },
    };

    [Fact]
    public void Columns_of_one_table_form_a_group_whatever_name_they_give_it()
    {
        AddColumn other = Note with { Table = new TableName("public", "orders"), Name = "other" };
        IReadOnlyList<OperationGroup> groups = Grouping.Of(ChangeOf(Note, Check, other), table => table.Name);
        groups
            .Select(group => group.Operations)
            .ShouldBe([
                [Note, other],
                [Check],
            ]);
        groups[0].ShouldBeOfType<OperationGroup.Columns>();
    }

    [Fact]
    public void Backfills_share_a_group_only_if_they_are_adjacent()
    {
        BackfillRows second = Backfill with { Where = "true" };
        BackfillRows third = Backfill with { Where = "false" };
        Grouped(Backfill, second, Check, third)
            .ShouldBe([
                [Backfill, second],
                [Check],
                [third],
            ]);
    }

    [Fact]
    public async Task A_limit_that_the_server_does_not_allow_is_reported()
    {
        PlanOptions options = new() { Limits = Limits.Default with { LockTimeoutMs = 1000 } };

        Plan capped = await new FakeTarget { Options = options }.PlanAsync(Note);
        capped.Limits.LockTimeoutMs.ShouldBe(500);
        capped
            .Hazards.ShouldHaveSingleItem()
            .Message.ShouldStartWith("lock_timeout is 500 ms in this plan instead of 1");

        (await new FakeTarget().PlanAsync(Note)).Hazards.ShouldBeEmpty();
    }

    [Fact]
    public void Dropped_tables_form_one_group_and_new_types_come_first()
    {
        DropTable first = new() { Table = Orders };
        DropTable second = new() { Table = new TableName(null, "lines") };
        CreateEnumType type = new() { Name = new TableName(null, "state"), Labels = ["open"] };
        CreateDomain domain = new() { Name = new TableName(null, "price"), Type = "numeric" };
        Grouped(first, Note, type, second, domain)
            .ShouldBe([
                [type],
                [domain],
                [first, second],
                [Note],
            ]);
    }

    [Fact]
    public async Task Two_operations_about_the_same_thing_are_refused()
    {
        FakeTarget target = new();
        target.Claims[Note] = new Claim(ClaimKind.Column, "public.orders.note");
        target.Claims[Check] = new Claim(ClaimKind.Column, "public.orders.note");
        PlanOutcome outcome = await target.AssembleAsync(Note, Check);
        outcome
            .ShouldBeOfType<PlanOutcome.Invalid>()
            .Problems[0]
            .What.ShouldBe("`add_column orders.note` of the same change works on this column as well.");
    }

    [Fact]
    public async Task A_claim_of_an_unfinished_change_refuses_the_change()
    {
        FakeTarget target = new();
        target.Claims[Note] = new Claim(ClaimKind.Column, "public.orders.note");
        target.Ledger.Others.Add(Other(await target.PlanAsync(Note)));
        Problem met = (await target.AssembleAsync(Note)).ShouldBeOfType<PlanOutcome.Refused>().Problems.Single();
        met.What.ShouldContain("the change 0001_first is not finished");
        met.What.ShouldContain("column public.orders.note");
        target.Claims[Note] = new Claim(ClaimKind.Column, "public.orders.other");
        (await target.AssembleAsync(Note)).ShouldBeOfType<PlanOutcome.Planned>();
    }

    [Theory]
    [InlineData("public.orders")]
    [InlineData("public.orders_2026")]
    public async Task A_table_used_by_a_change_in_progress_is_not_moved(string relation)
    {
        FakeTarget target = new() { Moves = Note };
        target.Claims[Note] = new Claim(ClaimKind.Table, "public.orders");
        target.Steps[Note] = [Step(StageName.Expand, "move")];
        Plan plan = await target.PlanAsync(Note);
        Plan other = plan with { Claims = [], Stages = [new Stage(StageName.Backfill, [Fill(relation)])] };
        target.Ledger.Others.Add(Other(other));

        (await target.AssembleAsync(Note))
            .ShouldBeOfType<PlanOutcome.Refused>()
            .Problems.Single()
            .What.ShouldBe($"the change 0001_first is in progress on {relation}, and uses it by that name.");

        target.Ledger.Others[0] = Other(other, ChangeStatus.Completed);
        (await target.AssembleAsync(Note)).ShouldBeOfType<PlanOutcome.Planned>();
    }

    [Fact]
    public async Task A_change_in_progress_whose_plan_nobody_can_read_refuses_the_change()
    {
        FakeTarget target = new();
        target.Claims[Note] = new Claim(ClaimKind.Column, "public.orders.note");
        string newer = PlanJson.Canonical((await target.PlanAsync(Note)) with { Format = Plan.NewestFormat + 1 });
        target.Ledger.Others.Add(new PlanRecord("0001_first", ChangeStatus.Waiting, newer));
        Problem met = (await target.AssembleAsync(Note)).ShouldBeOfType<PlanOutcome.Refused>().Problems.Single();
        met.What.ShouldContain("the change 0001_first is not finished, and its plan cannot be read");
    }

    [Fact]
    public async Task Gates_of_several_operations_become_one_that_waits_for_all()
    {
        FakeTarget target = new();
        target.Steps[Note] = [Step(StageName.Expand, "a"), Gate("first")];
        target.Steps[Check] = [Gate("second"), Step(StageName.Contract, "b")];
        Plan plan = await target.PlanAsync(Note, Check);
        GateStep gate = plan.Steps(StageName.Switch).Single().ShouldBeOfType<GateStep>();
        gate.WaitsFor.ShouldBe("first; second");
        plan.Stages.Select(stage => stage.Name).ShouldBe([StageName.Expand, StageName.Switch, StageName.Contract]);
    }

    [Fact]
    public async Task An_operation_behind_the_gate_is_reported_to_run_after_later_ones()
    {
        FakeTarget target = new();
        target.Steps[Check] = [Gate("nobody"), Step(StageName.Contract, "late")];
        target.Steps[Note] = [Step(StageName.Expand, "early")];
        (await target.PlanAsync(Check, Note)).Hazards.Single().Code.ShouldBe("comes-last");
        (await target.PlanAsync(Note, Check)).Hazards.ShouldBeEmpty();
    }

    [Fact]
    public async Task No_other_operation_works_on_a_relation_that_one_moves()
    {
        FakeTarget target = new() { Moves = Note };
        target.Steps[Note] = [Step(StageName.Expand, "move")];
        target.Steps[Check] = [Step(StageName.Enforce, "check")];
        foreach (Operation[] order in new Operation[][] { [Note, Check], [Check, Note] })
        {
            (await target.AssembleAsync(order))
                .ShouldBeOfType<PlanOutcome.Invalid>()
                .Problems.Single()
                .What.ShouldStartWith($"`{order[0].Title}` of the same change works on public.orders");
        }
    }

    [Fact]
    public async Task The_fingerprint_excludes_lines_that_the_change_alters_and_unwatched_indexes()
    {
        FakeTarget target = new() { Lines = ["column a.b text", "index one", "index two", "table a"] };
        target.Found = draft =>
        {
            draft.Drift.Expect("column a.b ");
            draft.Drift.ExpectBehindGate("table a");
            draft.Drift.Watch("index two");
        };
        Plan plan = await target.PlanAsync(Note);
        plan.Fingerprint.ShouldBe(["index two", "table a"]);
    }

    [Fact]
    public async Task A_kind_that_the_engine_lacks_is_refused_with_an_alternative()
    {
        FakeTarget target = new() { Found = draft => draft.NotOffered(Check, "Other", "Use a trigger.") };
        Problem problem = (await target.AssembleAsync(Check)).ShouldBeOfType<PlanOutcome.Refused>().Problems.Single();
        problem.What.ShouldBe("Other does not support `add_check`.");
        problem.Remedy.ShouldBe("Use a trigger.");
    }

    [Fact]
    public async Task A_key_that_the_server_does_not_have_is_refused_at_its_place()
    {
        FakeTarget target = new() { Features = new HashSet<ServerFeature> { ServerFeature.ColumnStorage } };
        AlterColumn alter = new()
        {
            Table = Orders,
            Name = "note",
            Storage = ColumnStorage.External,
            Compression = ColumnCompression.Lz4,
        };
        CreateTable create = new()
        {
            Table = Orders,
            Columns = [Note],
            Constraints =
            [
                new AddUnique
                {
                    Table = Orders,
                    Columns = ["note"],
                    NullsNotDistinct = true,
                },
            ],
        };

        IReadOnlyList<Problem> problems = (await target.AssembleAsync(alter, create))
            .ShouldBeOfType<PlanOutcome.Invalid>()
            .Problems;

        problems
            .Select(problem => problem.ToString())
            .ShouldBe([
                "alter_column orders.note: compression: Fake 1 does not have `compression`. Leave the key out, or "
                    + "keep the "
                    + "change for servers that have it.",
                "create_table orders: constraints: Fake 1 does not have "
                    + "`constraints: unique: nulls_not_distinct`. Leave "
                    + "the key out, or keep the change for servers that have it.",
            ]);
    }

    [Fact]
    public async Task A_key_that_the_server_does_not_have_is_refused_with_file_and_line()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "0002_x.yaml");
        await File.WriteAllTextAsync(
            file,
            "operations:\n  - create_index:\n      table: orders\n      columns: [note]\n      tablespace: fast\n"
        );
        Change change = ChangeFileReader.ReadFile(file).ShouldBeOfType<ChangeFileResult.Read>().Change;
        FakeTarget target = new() { Features = new HashSet<ServerFeature>() };

        Problem problem = (await target.AssembleAsync([.. change.Operations]))
            .ShouldBeOfType<PlanOutcome.Invalid>()
            .Problems.Single();

        ChangePlaces.Find(file, change, problem.Where).ShouldBe($"{file}:5:19");
    }

    [Theory]
    [InlineData("note <> ''", "note", true)]
    [InlineData("notes <> ''", "note", false)]
    [InlineData("lower(\"Note\")", "note", true)]
    [InlineData("a.note", "note", true)]
    public void An_expression_reads_a_column_that_it_names_as_a_whole_word(string text, string column, bool reads) =>
        new ColumnReading(text, Lasts: true).Names(column).ShouldBe(reads);

    [Fact]
    public void Claims_of_older_plans_are_read_from_their_text()
    {
        foreach (ClaimKind kind in Enum.GetValues<ClaimKind>().Except([ClaimKind.Partition, ClaimKind.Options]))
        {
            Claim claim = new(kind, "public.orders x");
            Claim.Parse(claim.ToString()).ShouldBe(claim);
        }

        Claim.Parse("table public.orders options").ShouldBe(new Claim(ClaimKind.Options, "public.orders"));
        Claim.Parse("table public.orders partition").ShouldBe(new Claim(ClaimKind.Partition, "public.orders"));
    }

    private static IEnumerable<IReadOnlyList<Operation>> Grouped(params Operation[] operations) =>
        Grouping.Of(ChangeOf(operations), table => table.Name).Select(group => group.Operations);

    internal static Change ChangeOf(params Operation[] operations) =>
        new()
        {
            Name = "0002_x",
            Operations = operations,
            ContentHash = "abc",
        };

    private static StagedStep Step(StageName stage, string id) =>
        new(
            stage,
            new DdlStep
            {
                Id = id,
                Title = id,
                Statements = ["SELECT 1"],
                Impact = new Impact
                {
                    Locks = [new RelationLock("public.orders", "EXCLUSIVE", Blocks.Writes)],
                    Cost = Cost.Metadata,
                },
            }
        );

    private static PlanRecord Other(Plan plan, ChangeStatus status = ChangeStatus.Waiting) =>
        new("0001_first", status, PlanJson.Canonical(plan with { Change = "0001_first" }));

    private static BackfillStep Fill(string relation) =>
        new()
        {
            Id = "fill",
            Title = "fill",
            Impact = new Impact { Locks = [], Cost = Cost.Batches },
            Targets =
            [
                new BackfillTarget
                {
                    Relation = relation,
                    Passes = [1],
                    FillPart = "",
                    FillRest = "",
                    FillUnlocked = "",
                    CountRemaining = "",
                },
            ],
        };

    private static StagedStep Gate(string waitsFor) =>
        new(
            StageName.Switch,
            new GateStep
            {
                Id = waitsFor,
                Title = waitsFor,
                Policy = new GatePolicy
                {
                    Conditions = [new GateCondition(GateEvidence.AuthorsCondition, []) { Condition = waitsFor }],
                },
                Impact = new Impact { Locks = [], Cost = Cost.Wait },
            }
        );
}
