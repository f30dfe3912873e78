using Segue.Engines;
using Segue.Planning;

namespace Segue.Tests.Memory;

/// <summary>
/// A server in memory: what is committed, who holds locks, what still runs. It outlives the engines that use it.
/// </summary>
internal sealed class MemoryDatabase(TimeProvider time, Commit commits = Commit.WithRecord)
{
    private readonly Lock _gate = new();
    private readonly HashSet<long> _sessions = [];
    private long _lastSession;
    private long _lastToken;
    private bool _isCut;

    public TimeProvider Time { get; } = time;

    /// <summary>Whether its short statements commit with their record.</summary>
    public Commit Commits { get; } = commits;

    /// <summary>Long statements go on when they are cancelled.</summary>
    public bool IsStubborn { get; set; }

    public MemoryState State { get; set; } = MemoryState.Empty;

    /// <summary>Who holds a whole table, by its name.</summary>
    public Dictionary<string, string> TableHolders { get; } = [];

    /// <summary>Who holds a row, by table and key.</summary>
    public Dictionary<(string Table, long Key), string> RowHolders { get; } = [];

    /// <summary>What the signals say; throws what a signal that cannot be read throws.</summary>
    public Func<Reading> Signal { get; set; } = () => Reading.Go;

    /// <summary>How long a row takes to be filled or asked.</summary>
    public TimeSpan PerRow { get; set; } = TimeSpan.FromMilliseconds(0.1);

    /// <summary>How many batches were sent so far.</summary>
    public int Batches { get; set; }

    /// <summary>How long each batch waits for a core, whatever its size.</summary>
    public TimeSpan PerBatch { get; set; }

    /// <summary>How long a transaction of statements holds its locks.</summary>
    public TimeSpan Hold { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How long a long statement takes.</summary>
    public TimeSpan Build { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Called at each call of an engine: throws where the server does not answer.</summary>
    public Action Called { get; set; } = () => { };

    /// <summary>Long statements that run, each with what ends it; a runner that dies leaves its own.</summary>
    public Dictionary<string, OnlineRun> Running { get; } = [];

    public MemoryEngine Open() => new(this);

    public long OpenSession()
    {
        lock (_gate)
        {
            _sessions.Add(++_lastSession);
            return _lastSession;
        }
    }

    public void EndSession(long session)
    {
        lock (_gate)
        {
            _sessions.Remove(session);
        }
    }

    public bool IsOpen(long session)
    {
        lock (_gate)
        {
            return _sessions.Contains(session);
        }
    }

    public void EndSessions()
    {
        lock (_gate)
        {
            _sessions.Clear();
            _isCut = true;
        }
    }

    /// <summary>Every call of an engine comes by here.</summary>
    public void Answer()
    {
        Called();
        if (_isCut)
        {
            _isCut = false;
            throw MemoryException.Lost();
        }
    }

    public void Reopen(long session)
    {
        lock (_gate)
        {
            _sessions.Add(session);
        }
    }

    public long NewToken() => Interlocked.Increment(ref _lastToken);

    /// <summary>Somebody with every right alters an event of the ledger.</summary>
    public void AlterEvent(long id) =>
        Commit(state =>
            state with
            {
                Events = [.. state.Events.Select(line => line.Id == id ? line with { Message = "nothing" } : line)],
            }
        );

    public void Commit(Func<MemoryState, MemoryState> work)
    {
        lock (_gate)
        {
            State = work(State);
        }
    }

    /// <summary>As an app does it.</summary>
    public void Write(string table, long key, string column, long? value) =>
        Commit(state => state.With(table, rows => rows.Write(key, column, value)));

    public string? HolderOf(string table) =>
        TableHolders.GetValueOrDefault(table)
        ?? RowHolders.Where(held => held.Key.Table == table).Select(held => held.Value).FirstOrDefault();
}

/// <param name="Ended">Once its work is done, or it was cancelled.</param>
internal sealed record OnlineRun(Task Ended, CancellationTokenSource Cancel);
