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

    private static Plan Sample()
    {
        Impact impact = new()
        {
            Locks = [new RelationLock("public.t", "ACCESS EXCLUSIVE", Blocks.ReadsAndWrites)],
            Cost = Cost.Metadata,
        };
        Estimate estimate = new(10, 20, 0.5, "basis");
        DdlStep undo = new()
        {
            Id = "u",
            Title = "undo",
            Impact = impact,
            Statements = ["DROP"],
        };
        return new Plan
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
                new Stage(
                    StageName.Expand,
                    [
                        new DdlStep
                        {
                            Id = "a",
                            Title = "a",
                            Impact = impact,
                            Statements = ["X"],
                            Undo = [undo],
                            Estimate = estimate,
                        },
                    ]
                ),
                new Stage(
                    StageName.Backfill,
                    [
                        new BackfillStep
                        {
                            Id = "b",
                            Title = "b",
                            Impact = impact,
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
                        },
                    ]
                ),
                new Stage(
                    StageName.Verify,
                    [
                        new VerifyStep
                        {
                            Id = "c",
                            Title = "c",
                            Impact = impact,
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
                        },
                    ]
                ),
                new Stage(
                    StageName.Enforce,
                    [
                        new OnlineStep
                        {
                            Id = "d",
                            Title = "d",
                            Impact = impact,
                            Statement = "VALIDATE",
                            Residue = new Residue("e", "c"),
                        },
                    ]
                ),
                new Stage(
                    StageName.Switch,
                    [
                        new GateStep
                        {
                            Id = "e",
                            Title = "e",
                            Impact = impact,
                            Policy = new GatePolicy { Conditions = [new GateCondition(GateEvidence.NotUsed, ["w"])] },
                        },
                    ]
                ),
            ],
        };
    }
}
