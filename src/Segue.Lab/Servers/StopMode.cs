namespace Segue.Lab.Servers;

/// <summary>How a server stops, in PostgreSQL's own words.</summary>
public enum StopMode
{
    /// <summary>Sessions are ended, data is written: a clean shutdown.</summary>
    Fast,

    /// <summary>Everything is dropped; the next start recovers from the write-ahead log.</summary>
    Immediate,
}
