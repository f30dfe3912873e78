using System.Collections.Concurrent;

namespace Segue.Tests.Memory;

/// <summary>
/// Time that passes when nothing is left to do: it goes to the next timer at once, so waits of hours take no time, and
/// what happens in them happens in its order. One thread runs everything.
/// </summary>
internal sealed class VirtualTime : TimeProvider
{
    private static readonly TimeSpan Stuck = TimeSpan.FromSeconds(20);

    /// <summary>Ten times as many continuations and timers as the longest test has.</summary>
    private const int MostTurns = 100_000;

    private readonly Lock _gate = new();
    private readonly List<VirtualTimer> _timers = [];
    private long _now = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => new(GetTimestamp(), TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        VirtualTimer timer = new(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Runs a test to its end, in this time.</summary>
    public static void Run(Func<VirtualTime, Task> test)
    {
        SynchronizationContext? before = SynchronizationContext.Current;
        Queue queue = new();
        SynchronizationContext.SetSynchronizationContext(queue);
        try
        {
            VirtualTime time = new();
            Task running = test(time);
            for (int turn = 0; !running.IsCompleted; turn++)
            {
                if (turn == MostTurns)
                {
                    throw new TimeoutException(
                        $"The test loops: {MostTurns:N0} continuations and timers ran, and it is "
                            + $"{time.GetUtcNow():u} in its time, without an end."
                    );
                }

                if (!queue.RunNext() && !time.GoOn() && !queue.RunNext(Stuck))
                {
                    throw new TimeoutException("The test waits for something that nothing brings.");
                }
            }

            running.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>To the next timer. False where there is none.</summary>
    private bool GoOn()
    {
        VirtualTimer? next;
        lock (_gate)
        {
            next = _timers.MinBy(timer => timer.At);
            if (next is null)
            {
                return false;
            }

            _timers.Remove(next);
            _now = Math.Max(_now, next.At);
        }

        next.Fire();
        return true;
    }

    private sealed class VirtualTimer(VirtualTime time, Action fire) : ITimer
    {
        public long At { get; private set; }

        public Action Fire { get; } = fire;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    At = time._now + dueTime.Ticks;
                    time._timers.Add(this);
                }
            }

            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>What is to be done next, in order.</summary>
    private sealed class Queue : SynchronizationContext
    {
        private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _work = [];

        public override void Post(SendOrPostCallback d, object? state) => _work.Add((d, state));

        public override SynchronizationContext CreateCopy() => this;

        public bool RunNext()
        {
            if (RunNext(TimeSpan.Zero))
            {
                return true;
            }

            // Some continuations come by way of another thread, as those of a cancellation: it gets its turn first.
            LetOthersRun();
            LetOthersRun();
            return RunNext(TimeSpan.Zero);
        }

        public bool RunNext(TimeSpan patience)
        {
            if (!_work.TryTake(out (SendOrPostCallback Callback, object? State) next, patience))
            {
                return false;
            }

            next.Callback(next.State);
            return true;
        }

        private static void LetOthersRun()
        {
            Turn turn = new();
            ThreadPool.UnsafeQueueUserWorkItem(others => others.HasCome = true, turn, preferLocal: false);
            while (!turn.HasCome)
            {
                Thread.Yield();
            }
        }

        private sealed class Turn
        {
            private volatile bool _hasCome;

            public bool HasCome
            {
                get => _hasCome;
                set => _hasCome = value;
            }
        }
    }
}
