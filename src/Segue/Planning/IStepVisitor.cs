namespace Segue.Planning;

/// <summary>
/// Implemented by all code that treats step kinds differently: with a new kind it does not compile until it handles
/// that kind.
/// </summary>
public interface IStepVisitor<out T>
{
    /// <summary>A short transaction.</summary>
    T Ddl(DdlStep step);

    /// <summary>A long statement outside a transaction.</summary>
    T Online(OnlineStep step);

    /// <summary>Rows are filled in batches.</summary>
    T Backfill(BackfillStep step);

    /// <summary>Rows are checked.</summary>
    T Verify(VerifyStep step);

    /// <summary>Waits for a decision.</summary>
    T Gate(GateStep step);
}
