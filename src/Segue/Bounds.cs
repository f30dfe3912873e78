using System.Runtime.CompilerServices;

namespace Segue;

/// <summary>Smallest and largest value of an option, both allowed.</summary>
internal readonly record struct Bounds<T>(T Least, T Most)
    where T : IComparable<T>
{
    /// <returns>The value itself.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside.</exception>
    public T Check(T value, [CallerMemberName] string option = "") =>
        value.CompareTo(Least) >= 0 && value.CompareTo(Most) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(option, value, $"{option} must be {Least} to {Most}.");
}
