using Segue.Planning;

namespace Segue.Tests.Planning;

public class PlanJsonTests
{
    [Fact]
    public void A_plan_reads_back_equal_in_every_kind_of_step()
    {
        Plan plan = Sample();
        PlanJson.Canonical(PlanJson.Parse(PlanJson.Canonical(plan))).ShouldBe(PlanJson.Canonical(plan));
        PlanJson
            .Parse(PlanJson.Canonical(plan))
            .Steps()
            .Select(step => step.GetType())
            .ShouldBe(plan.Steps().Select(step => step.GetType()));
    }

    [Fact]
    public void The_hash_ignores_estimates_and_hazards_and_nothing_else()
    {
        Plan plan = Sample();
        string hash = PlanJson.Hash(plan);
        PlanJson.Hash(With(plan, step => step with { Estimate = new Estimate(1, 2, 3, "other") })).ShouldBe(hash);
        PlanJson.Hash(plan with { Hazards = [new Hazard("bloat", "126 MB")] }).ShouldBe(hash);
        PlanJson.Hash(With(plan, step => step with { Title = step.Title + "!" })).ShouldNotBe(hash);
        PlanJson.Hash(With(plan, step => step with { Undo = [] })).ShouldNotBe(hash);
        PlanJson.Hash(plan with { Limits = new Limits { LockTimeoutMs = 201 } }).ShouldNotBe(hash);
        PlanJson.Hash(plan with { Fingerprint = ["another line"] }).ShouldNotBe(hash);
        PlanJson.Hash(plan with { SearchPath = ["other"] }).ShouldNotBe(hash);
    }

    [Fact]
    public void Members_are_sorted_and_the_text_has_no_white_space()
    {
        string json = PlanJson.Canonical(Sample());
        json.ShouldStartWith(
            "{\"afterwards\":[],\"change\":\"0001_x\",\"changeHash\":\"abc\",\"claims\":[]," + "\"engine\":"
        );
        json.ShouldNotContain("\n");
    }

    [Fact]
    public void A_step_of_an_unknown_kind_is_no_plan() =>
        Should.Throw<System.Text.Json.JsonException>(() =>
            PlanJson.Parse(PlanJson.Canonical(Sample()).Replace("\"kind\":\"gate\"", "\"kind\":\"magic\""))
        );

    [Fact]
    public void A_plan_of_a_newer_format_is_refused()
    {
        string newer = PlanJson
            .Canonical(Sample() with { Format = Plan.NewestFormat + 1 })
            .Replace("\"kind\":\"gate\"", "\"kind\":\"magic\"");

        PlanJson.FormatOf(newer).ShouldBe(Plan.NewestFormat + 1);
        Should
            .Throw<System.Text.Json.JsonException>(() => PlanJson.Parse(newer))
            .Message.ShouldContain("supports formats up to");
    }

    private static Plan With(Plan plan, Func<Step, Step> change) =>
        plan with
        {
            Stages = [.. plan.Stages.Select(stage => stage with { Steps = [.. stage.Steps.Select(change)] })],
        };

    private static Plan Sample() =>
        new Plan
        {
            Change = "0001_x",
            ChangeHash = "abc",
            Engine = "postgresql",
            ServerVersion = 17,
            Limits = Limits.Default,
            SearchPath = ["public"],
            Fingerprint = ["table public.t"],
            Stages =
            [
                new Stage(StageName.Expand, [Expand]),
                new Stage(StageName.Backfill, [Backfill]),
                new Stage(StageName.Verify, [Verify]),
                new Stage(StageName.Enforce, [Enforce]),
                new Stage(StageName.Switch, [Switch]),
            ],
        };

    private static Impact Impact { get; } =
        new()
        {
            Locks = [new RelationLock("public.t", "ACCESS EXCLUSIVE", Blocks.ReadsAndWrites)],
            Cost = Cost.Metadata,
        };

    private static DdlStep Expand =>
        new()
        {
            Id = "a",
            Title = "a",
            Impact = Impact,
            Statements = ["X"],
            Undo =
            [
                new DdlStep
                {
                    Id = "u",
                    Title = "undo",
                    Impact = Impact,
                    Statements = ["DROP"],
                },
            ],
            Estimate = new Estimate(10, 20, 0.5, "basis"),
        };

    private static BackfillStep Backfill =>
        new()
        {
            Id = "b",
            Title = "b",
            Impact = Impact,
            Targets =
            [
                new BackfillTarget
                {
                    Relation = "public.t",
                    Passes = [128, 256],
                    FillPart = "p",
                    FillRest = "r",
                    FillUnlocked = "u",
                    CountRemaining = "c",
                },
            ],
        };

    private static VerifyStep Verify =>
        new()
        {
            Id = "c",
            Title = "c",
            Impact = Impact,
            Checks =
            [
                new VerifyCheck
                {
                    Claim = "x",
                    Relation = "public.t",
                    Query = "q",
                    Remedy = "r",
                },
            ],
        };

    private static OnlineStep Enforce =>
        new()
        {
            Id = "d",
            Title = "d",
            Impact = Impact,
            Statement = "VALIDATE",
            Residue = new Residue("e", "c"),
        };

    private static GateStep Switch =>
        new()
        {
            Id = "e",
            Title = "e",
            Impact = Impact,
            Policy = new GatePolicy { Conditions = [new GateCondition(GateEvidence.NotUsed, ["w"])] },
        };
}
