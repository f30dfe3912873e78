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

    /// <summary>Permanently drop the kept tables and columns, or list them.</summary>
    Purge,

    /// <summary>Resume after a pause.</summary>
    Resume,

    /// <summary>Show the state of changes.</summary>
    Status,

    /// <summary>Examine the server and the ledger.</summary>
    Doctor,

    /// <summary>Create the ledger, or what is missing of it.</summary>
    Init,
}
