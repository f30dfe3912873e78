namespace Segue.Planning;

/// <summary>How far a lock reaches, nearest first.</summary>
public enum LockReach
{
    /// <summary>The relation it names.</summary>
    Relation,

    /// <summary>Every table of the database, on this server.</summary>
    Database,

    /// <summary>Every table on every server of the cluster: replication waits meanwhile.</summary>
    Cluster,
}
