using System.Data.Common;
using Segue.Engines;

namespace Segue.Tests.Memory;

/// <summary>An error of the server in memory.</summary>
internal sealed class MemoryException(ErrorClass kind, string message) : DbException(message)
{
    public ErrorClass Kind { get; } = kind;

    public static MemoryException Rows(string message) => new(ErrorClass.Rows, message);

    public static MemoryException Permanent(string message) => new(ErrorClass.Permanent, message);

    public static MemoryException Lost() => new(ErrorClass.ConnectionLost, "The connection was lost.");
}
