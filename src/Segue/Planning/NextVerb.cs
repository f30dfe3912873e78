namespace Segue.Planning;

/// <summary>What can be done with a change, or with a database.</summary>
public enum NextVerb
{
    /// <summary>Show the plan.</summary>
    Plan,

    /// <summary>Run or resume.</summary>
    Apply,

    /// <summary>Pass the gate and finish.</summary>
    Complete,

    /// <summary>Roll back.</summary>
    Rollback,

    /// <summary>Drop for good what is kept, or list it.</summary>
    Purge,

    /// <summary>Go on after a pause.</summary>
    Resume,

    /// <summary>Show where changes stand.</summary>
    Status,

    /// <summary>Examine the server and the ledger.</summary>
    Doctor,

    /// <summary>Create the ledger, or what is missing of it.</summary>
    Init,
}
