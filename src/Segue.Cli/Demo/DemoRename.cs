using Segue.Lab.Traffic;

namespace Segue.Cli.Demo;

/// <summary>A column of a large table gets another name while applications use it.</summary>
internal sealed class DemoRename : DemoChange
{
    public override string Word => "rename";

    public override string Name => "0001_orders_state";

    public override string Headline => "A column of a large table gets another name while applications use it.";

    public override string Effect => "got the name state for its column status";

    public override string OldApp => "uses the name status";

    public override string NewApp => "uses the name state";

    public override string Checked => "the right status";

    public override IReadOnlyList<(string Field, string Column)> Logged => [("status", "state")];

    public override string Proof(int orders) => StatusProof.Of("state", orders);

    public override TrafficApp AppAfter(OrdersWorkload workload, double rate) => workload.RenamedApp(rate);

    protected override string File =>
        """
            description: Orders have a state
            operations:
              - rename_column: { table: orders, name: status, to: state }

            """;
}
