namespace Segue.Engines;

/// <summary>The means to execute a plan's steps. The core decides when; the engine knows how.</summary>
public interface IExecution
{
    /// <summary>Questions to the catalog.</summary>
    ICatalogQuestions Questions { get; }

    /// <summary>Short transactions under lock limits.</summary>
    IDdlAttempts Ddl { get; }

    /// <summary>Statements outside a transaction.</summary>
    IOnlineStatements Online { get; }

    /// <summary>Ranges of rows.</summary>
    IRanges Ranges { get; }

    /// <summary>Batches of a fill.</summary>
    IBatches Batches { get; }

    /// <summary>Read-only scans.</summary>
    IVerifier Verifier { get; }

    /// <summary>Waits until standbys have confirmed.</summary>
    IConfirmation Confirmation { get; }

    /// <summary>The named replicas.</summary>
    IReplicas Replicas { get; }

    /// <summary>The signals to watch while the given tables are filled.</summary>
    IReadOnlyList<ISignal> Signals(IReadOnlyList<string> relations);

    /// <summary>The signal that shows whether an app is active; it paces reads.</summary>
    ISignal Activity { get; }

    /// <summary>
    /// The signals that show whether there is room on disk; watched before and while an index of the given tables is
    /// built.
    /// </summary>
    IReadOnlyList<ISignal> Room(IReadOnlyList<string> relations);

    /// <summary>Pure: the same error always has the same class.</summary>
    ErrorClass Classify(Exception error);

    /// <summary>The error in words, without secrets.</summary>
    string Describe(Exception error);

    /// <summary>Closes connections that an error may have broken.</summary>
    Task ResetAsync();
}
