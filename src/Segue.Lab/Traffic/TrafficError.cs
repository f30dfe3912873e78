namespace Segue.Lab.Traffic;

/// <summary>A failed request.</summary>
/// <param name="At">When it was due, since the start of the traffic.</param>
/// <param name="App">The application.</param>
/// <param name="Client">The kind of request.</param>
/// <param name="Latency">How long it took to fail.</param>
/// <param name="SqlState">The server's error code, or null without an answer of the server.</param>
/// <param name="Message">The error.</param>
public sealed record TrafficError(
    TimeSpan At,
    string App,
    string Client,
    TimeSpan Latency,
    string? SqlState,
    string Message
);
