using Segue.Running;

namespace Segue.Cli.Demo;

/// <summary>Shows the demo while it goes on: redrawn on a terminal, or a line now and then.</summary>
internal interface IDemoScreen
{
    /// <summary>Shows what happens until the work has ended, well or not.</summary>
    Task FollowAsync(Func<Task> work);

    /// <summary>A part of the demo that is no stage of the change begins.</summary>
    /// <param name="doing">E.g. <c>filling orders</c>.</param>
    void Begin(string doing);

    /// <summary>It ended.</summary>
    /// <param name="done">What came of it; null: as was said when it began.</param>
    void End(string? done = null);

    /// <summary>Which applications are at work from now on.</summary>
    void Say(string apps);

    /// <summary>May be called from any thread.</summary>
    void Show(RunEvent happened);

    /// <summary>From now on there is traffic to show.</summary>
    void Watch(TrafficWatch traffic);
}
