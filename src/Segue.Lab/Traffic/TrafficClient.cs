using Npgsql;

namespace Segue.Lab.Traffic;

/// <summary>One kind of request that an application makes again and again.</summary>
/// <param name="Name">What it does, as in <c>read order</c>.</param>
/// <param name="Rate">Requests per second, offered whether or not earlier ones have been answered.</param>
/// <param name="Request">Makes one request. A throw is a failed request.</param>
public sealed record TrafficClient(
    string Name,
    double Rate,
    Func<NpgsqlConnection, Random, CancellationToken, Task> Request
)
{
    /// <summary>
    /// How many connections make these requests. Default: 4. When all are busy requests wait, and the wait counts.
    /// </summary>
    public int Connections { get; init; } = 4;
}
