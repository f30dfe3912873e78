using Segue.Lab.Traffic;

namespace Segue.Cli.Demo;

/// <summary>A column of a large table is dropped while applications use it.</summary>
internal sealed class DemoDrop : DemoChange
{
    public override string Word => "drop";

    public override string Name => "0001_orders_without_note";

    public override string Headline => "A column of a large table is dropped while applications use it.";

    public override string Effect => "lost its column note";

    public override string OldApp => "reads and writes the column note";

    public override string NewApp => "does not use the column note";

    public override string Checked => "the right status";

    public override IReadOnlyList<(string Field, string Column)> Logged => [("status", "status")];

    public override string Proof(int orders) => StatusProof.Of("status", orders);

    public override TrafficApp AppAfter(OrdersWorkload workload, double rate) => workload.AppWithoutNote(rate);

    protected override string File =>
        """
            description: Orders have no note
            operations:
              - drop_column: { table: orders, name: note }

            """;
}
