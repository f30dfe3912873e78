using Segue.Running;

namespace Segue.Cli.Demo;

/// <summary>Shows the demo while it runs: redrawn on a terminal, otherwise a line from time to time.</summary>
internal interface IDemoScreen
{
    /// <summary>Shows events until the work has ended, successfully or not.</summary>
    Task FollowAsync(Func<Task> work);

    /// <summary>A part of the demo begins that is not a stage of the change.</summary>
    /// <param name="doing">E.g. <c>filling orders</c>.</param>
    void Begin(string doing);

    /// <summary>It ended.</summary>
    /// <param name="done">Its result; null: as it was called when it began.</param>
    void End(string? done = null);

    /// <summary>The applications that run from now on.</summary>
    void Say(string apps);

    /// <summary>May be called from any thread.</summary>
    void Show(RunEvent happened);

    /// <summary>From now on there is traffic to show.</summary>
    void Watch(TrafficWatch traffic);
}
