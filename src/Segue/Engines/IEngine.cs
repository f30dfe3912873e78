using Segue.Ledger;

namespace Segue.Engines;

/// <summary>
/// All that an engine provides: facts and plans, and the means to execute step kinds. It decides nothing at run time.
/// </summary>
public interface IEngine : IAsyncDisposable
{
    /// <summary>E.g. <c>postgresql</c>; a plan names the engine that made it.</summary>
    string Name { get; }

    IPlanner Planner { get; }

    ILedger Ledger { get; }

    ILeases Leases { get; }

    ICatalogQuestions Questions { get; }

    IDdlAttempts Ddl { get; }

    IOnlineStatements Online { get; }

    IBatches Batches { get; }

    IVerifier Verifier { get; }

    IDoctor Doctor { get; }

    IStatementProbe Statements { get; }

    IConfirmation Confirmation { get; }

    IReplicas Replicas { get; }

    /// <summary>
    /// The plan as a script a DBA can read: every statement, with the transaction and the settings it runs in.
    /// </summary>
    string Script(Planning.Plan plan);

    /// <summary>What to listen to while the given tables are filled.</summary>
    IReadOnlyList<ISignal> Signals(IReadOnlyList<string> relations);

    /// <summary>The one of them that tells whether an app is at work: what only reads is paced by it.</summary>
    ISignal Activity { get; }

    /// <summary>
    /// Those of them that tell whether there is room on disk; listened to before and while an index of the given tables
    /// is built.
    /// </summary>
    IReadOnlyList<ISignal> Room(IReadOnlyList<string> relations);

    /// <summary>Pure: the same error always has the same class.</summary>
    ErrorClass Classify(Exception error);

    /// <summary>The error in words, without secrets.</summary>
    string Describe(Exception error);

    /// <summary>Forgets connections that an error may have broken.</summary>
    Task ResetAsync();
}
