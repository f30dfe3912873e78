namespace Segue.Planning;

/// <summary>What must be true of the objects of a <see cref="GateCondition"/>.</summary>
public enum GateEvidence
{
    /// <summary>Every running version of the application gives them a value itself.</summary>
    WrittenByApp,

    /// <summary>Every running version of the application uses the new name.</summary>
    NewNameUsed,

    /// <summary>Every running version of the application accepts NULL in them.</summary>
    NullAccepted,

    /// <summary>Sessions with prepared statements that return them can prepare those again.</summary>
    PreparedAgain,

    /// <summary>No running version of the application needs them.</summary>
    NotUsed,

    /// <summary>No running version of the application needs those rows.</summary>
    RowsNotNeeded,

    /// <summary>What the change's author wrote.</summary>
    AuthorsCondition,
}
