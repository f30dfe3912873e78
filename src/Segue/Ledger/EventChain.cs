using System.Security.Cryptography;
using System.Text;

namespace Segue.Ledger;

/// <summary>
/// The events form a chain: each holds the hash of the one before it, so that an altered, removed or inserted event is
/// found.
/// </summary>
public static class EventChain
{
    private const long TicksOfMicrosecond = TimeSpan.TicksPerMicrosecond;

    /// <summary>
    /// SHA-256 of the event, in lower-case hexadecimal digits. It covers these lines, joined by line feeds, as UTF-8:
    /// id, seconds since 1970 with six decimals, change (no line where there is none), kind, message, hash of the event
    /// before it.
    /// </summary>
    public static string HashOf(LedgerEvent entry)
    {
        long micros = (entry.At.UtcTicks - DateTime.UnixEpoch.Ticks) / TicksOfMicrosecond;
        (long seconds, long rest) = Math.DivRem(micros, 1_000_000);
        IEnumerable<string?> fields =
        [
            $"{entry.Id}",
            $"{seconds}.{rest:D6}",
            entry.Change,
            entry.Kind,
            entry.Message,
            entry.PreviousHash,
        ];

        // A change that is not named has no line of its own.
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', fields.OfType<string>()));
        return Convert.ToHexStringLower(SHA256.HashData(text));
    }

    /// <summary>True where an event is what was written, and was written after the other one.</summary>
    /// <param name="before">The event before it; null where it is the first of the ledger.</param>
    /// <param name="entry">The event.</param>
    public static bool Follows(LedgerEvent? before, LedgerEvent entry) =>
        entry.PreviousHash == (before?.Hash ?? "") && entry.Hash == HashOf(entry);

    /// <summary>
    /// The first event that is not what was written, or does not follow the one before it; null where there is none.
    /// </summary>
    /// <param name="events">All events of a ledger, oldest first.</param>
    public static LedgerEvent? FirstBroken(IEnumerable<LedgerEvent> events)
    {
        LedgerEvent? before = null;
        foreach (LedgerEvent entry in events)
        {
            if (!Follows(before, entry))
            {
                return entry;
            }

            before = entry;
        }

        return null;
    }
}
