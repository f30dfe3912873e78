namespace Segue.Engines;

/// <summary>What an error means for a runner. One pure function per engine decides.</summary>
public enum ErrorClass
{
    /// <summary>Not known to pass by itself: stop and tell.</summary>
    Permanent,

    /// <summary>Rows break a constraint; as permanent, until they are mended.</summary>
    Rows,

    /// <summary>The connection or the server went; ask the catalog what was applied, then go on.</summary>
    ConnectionLost,

    /// <summary>The server takes no writes (a failover is under way, or it is a standby).</summary>
    ReadOnly,

    /// <summary>A lock was not obtained in time.</summary>
    LockTimeout,

    /// <summary>Deadlock or serialization failure of our own transaction: it was rolled back, try again.</summary>
    Retry,

    /// <summary>A statement ran into its time limit or was cancelled.</summary>
    Cancelled,

    /// <summary>Out of disk, memory or connections.</summary>
    Resources,

    /// <summary>The lease is not in force: another runner has taken over, or the ledger forgot it.</summary>
    LeaseLost,
}
