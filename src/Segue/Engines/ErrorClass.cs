namespace Segue.Engines;

/// <summary>The meaning of an error for a runner. One pure function per engine decides.</summary>
public enum ErrorClass
{
    /// <summary>Waiting does not help: stop and report.</summary>
    Permanent,

    /// <summary>Rows violate a constraint; permanent until they are corrected.</summary>
    Rows,

    /// <summary>The connection or the server was lost; ask the catalog what was applied, then continue.</summary>
    ConnectionLost,

    /// <summary>The server accepts no writes (a failover is in progress, or it is a standby).</summary>
    ReadOnly,

    /// <summary>A lock was not obtained in time.</summary>
    LockTimeout,

    /// <summary>Deadlock or serialization failure of our own transaction: it was rolled back; retry.</summary>
    Retry,

    /// <summary>A statement reached its time limit or was cancelled.</summary>
    Cancelled,

    /// <summary>Out of disk, memory or connections.</summary>
    Resources,

    /// <summary>The lease is not valid: another runner has taken over, or the ledger lost it.</summary>
    LeaseLost,
}
