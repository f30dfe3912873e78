using Segue.Cli.Running;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Cli.Tests.Commands;

/// <summary>Whoever confirms a decision reads what it would do.</summary>
public sealed class ConsequencesTests
{
    private static readonly DdlStep Drop = Samples.Contract with
    {
        Id = "contract/drop",
        Title = "drop table public.order_lines",
        Undo = [Samples.Contract with { Id = "contract/drop/undo", Title = "restore table order_lines" }],
        Retains = new Retention
        {
            What = "public.order_lines",
            Relation = "segue_kept_1.order_lines",
            Seconds = 7 * 24 * 3600,
            Purge = Samples.Contract,
        },
    };

    private static readonly BackfillStep Prune = Samples.Backfill with
    {
        Id = "contract/prune",
        Title = "delete rows of orders",
        Impact = Samples.Backfill.Impact with { Reversible = false },
    };

    [Fact]
    public void A_dropped_table_is_named_with_the_time_in_which_it_can_be_restored() =>
        Consequences
            .OfCompleting(PlanOf(Drop))
            .ShouldEndWith(
                "Then it runs: drop table public.order_lines (kept for 7 days, and a rollback restores it until then). "
                    + "Afterwards there is no rollback, except while that is kept."
            );

    [Fact]
    public void Rows_that_are_deleted_for_good_are_named_as_such() =>
        Consequences
            .OfCompleting(PlanOf(Prune))
            .ShouldEndWith(
                "Then it runs: delete rows of orders (it cannot be undone). Afterwards there is no rollback."
            );

    [Fact]
    public void A_rollback_names_what_it_undoes_and_what_stays()
    {
        Consequences.OfRollingBack(PlanOf(Drop), [Done(Drop)]).ShouldBe("It runs: restore table order_lines.");
        Consequences
            .OfRollingBack(PlanOf(Prune), [Done(Samples.Expand), Done(Prune)])
            .ShouldBe(
                "It runs: drop currency. What apps wrote to the new shape is lost. "
                    + "What was done to rows stays: delete rows of orders."
            );
    }

    private static Plan PlanOf(Step contract) =>
        Samples.Plan with
        {
            Stages =
            [
                new Stage(StageName.Expand, [Samples.Expand]),
                new Stage(StageName.Switch, [Samples.Gate]),
                new Stage(StageName.Contract, [contract]),
            ],
        };

    private static StepRecord Done(Step step) =>
        new()
        {
            Id = step.Id,
            Stage = "contract",
            State = StepState.Done,
        };
}
