namespace Segue.Engines;

/// <summary>The means to execute a plan's steps. The core decides when; the engine knows how.</summary>
public interface IExecution
{
    ICatalogQuestions Questions { get; }

    IDdlAttempts Ddl { get; }

    IOnlineStatements Online { get; }

    IRanges Ranges { get; }

    IBatches Batches { get; }

    IVerifier Verifier { get; }

    IConfirmation Confirmation { get; }

    IReplicas Replicas { get; }

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
