namespace Segue.Conformance;

/// <summary>The system's time, in which waits take a tenth.</summary>
public sealed class HurriedTime : TimeProvider
{
    private const int Times = 10;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, Hurried(dueTime), Hurried(period));

    private static TimeSpan Hurried(TimeSpan time) => time > TimeSpan.Zero ? time / Times : time;
}
