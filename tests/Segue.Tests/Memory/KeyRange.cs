using Segue.Engines;

namespace Segue.Tests.Memory;

/// <summary>Rows with keys above one and up to another.</summary>
/// <param name="Rows">As many as there were when it was made.</param>
internal sealed record KeyRange(long Above, long UpTo, long Rows, long Generation) : RowRange
{
    public static KeyRange All { get; } = new(long.MinValue, long.MaxValue, 0, 0);

    public override long Units => Rows;

    public override string Words => $"keys above {Above} up to {UpTo}";

    public override RowRange After(RowRange head)
    {
        KeyRange taken = (KeyRange)head;
        return this with { Above = taken.UpTo, Rows = taken.UpTo >= UpTo ? 0 : Math.Max(1, Rows - taken.Rows) };
    }

    public bool Holds(long key) => key > Above && key <= UpTo;
}
