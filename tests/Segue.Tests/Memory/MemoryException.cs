using System.Data.Common;
using Segue.Engines;

namespace Segue.Tests.Memory;

/// <summary>An error of the server in memory.</summary>
internal sealed class MemoryException(ErrorClass kind, string message, Exception? inner = null)
    : DbException(message, inner)
{
    public ErrorClass Kind { get; } = kind;

    public static MemoryException Rows(string message) => new(ErrorClass.Rows, message);

    public static MemoryException Permanent(string message) => new(ErrorClass.Permanent, message);

    /// <summary>Nothing was heard of the server any more.</summary>
    public static MemoryException Silent() =>
        new(ErrorClass.ConnectionLost, "The server does not answer.", new TimeoutException());

    public static MemoryException Lost() => new(ErrorClass.ConnectionLost, "The connection was lost.");
}
