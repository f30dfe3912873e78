namespace Segue.Testing;

/// <summary>The ledger's own functions, which stay when a change has ended.</summary>
public static class LedgerFunctions
{
    /// <summary>Their names as a list of SQL literals.</summary>
    public const string Names =
        "'fence', 'append_event', 'refuse_edit', 'refuse_rewrite', 'advance', 'fill', 'count_old_write', "
        + "'report_old_writes'";
}
