namespace Segue.Ledger;

/// <summary>One line of the append-only record; carries the hash of the line before it.</summary>
public sealed record LedgerEvent(long Id, DateTimeOffset At, string? Change, string Kind, string Message, string Hash)
{
    /// <summary>The hash of the event before this one; empty for the first.</summary>
    public string PreviousHash { get; init; } = "";
}
