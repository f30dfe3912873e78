using System.Security.Cryptography;
using System.Text;

namespace Segue.Ledger;

/// <summary>
/// The record of events is a chain: each holds the hash of the one before it, so that none can be altered, taken away
/// or put in between without a trace.
/// </summary>
internal static class EventChain
{
    private const long TicksOfMicrosecond = TimeSpan.TicksPerMicrosecond;

    /// <summary>SHA-256 over the event's fields and the hash before it, in hexadecimal digits.</summary>
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

    /// <summary>
    /// The first event that is not what was written, or does not follow the one before it; null where there is none.
    /// </summary>
    /// <param name="events">All events of a ledger, oldest first.</param>
    public static LedgerEvent? FirstBroken(IEnumerable<LedgerEvent> events)
    {
        string before = "";
        foreach (LedgerEvent entry in events)
        {
            if (entry.PreviousHash != before || entry.Hash != HashOf(entry))
            {
                return entry;
            }

            before = entry.Hash;
        }

        return null;
    }
}
