using Segue.Lab.Traffic;

namespace Segue.Cli.Demo;

/// <summary>A change that the demo can show, as a file like any other, with the application that needs it.</summary>
internal abstract class DemoChange
{
    /// <summary>As the command line calls it.</summary>
    public abstract string Word { get; }

    /// <summary>The name of its file.</summary>
    public abstract string Name { get; }

    /// <summary>One sentence: what goes live.</summary>
    public abstract string Headline { get; }

    /// <summary>What the table gets, to follow its name in a sentence.</summary>
    public abstract string Effect { get; }

    /// <summary>The old application, to follow its name in a sentence.</summary>
    public abstract string OldApp { get; }

    /// <summary>The new application, to follow its name in a sentence.</summary>
    public abstract string NewApp { get; }

    /// <summary>What each row has that was checked, with its article.</summary>
    public abstract string Checked { get; }

    /// <summary>The columns whose values applications log, with the field that they log.</summary>
    public abstract IReadOnlyList<(string Field, string Column)> Logged { get; }

    /// <summary>
    /// A query without Segue's own functions and expressions: rows; rows without a value; rows with a wrong one; rows
    /// that an application wrote.
    /// </summary>
    /// <param name="orders">How many there were at the start.</param>
    public abstract string Proof(int orders);

    public static IReadOnlyList<DemoChange> All { get; } = [new DemoAddColumn(), new DemoRename(), new DemoDrop()];

    public static DemoChange Default => All[0];

    /// <summary>The application after the change.</summary>
    public abstract TrafficApp AppAfter(OrdersWorkload workload, double rate);

    protected abstract string File { get; }

    public void Write(string directory)
    {
        Directory.CreateDirectory(directory);
        System.IO.File.WriteAllText(Path.Combine(directory, $"{Name}.yaml"), File);
    }
}
