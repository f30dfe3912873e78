namespace Segue.Planning;

/// <summary>How the statements of a short step commit.</summary>
public enum Commit
{
    /// <summary>
    /// All in one transaction, and the ledger's record of the step with them: a step without a record has changed
    /// nothing.
    /// </summary>
    WithRecord,

    /// <summary>
    /// The statement commits by itself, and the record follows: a runner that dies between the two leaves an effect
    /// without a record, which only the catalog shows. Such a step has one statement, and it and each undo of it can
    /// be asked for with <see cref="Step.Applied"/>.
    /// </summary>
    EachStatement,
}
