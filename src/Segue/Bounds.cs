using System.Runtime.CompilerServices;

namespace Segue;

/// <summary>The least and the most that an option may be, both included.</summary>
internal readonly record struct Bounds<T>(T Least, T Most)
    where T : IComparable<T>
{
    /// <returns>The value itself.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It lies outside.</exception>
    public T Check(T value, [CallerMemberName] string option = "") =>
        value.CompareTo(Least) >= 0 && value.CompareTo(Most) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(option, value, $"{option} must be {Least} to {Most}.");
}
