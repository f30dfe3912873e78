namespace Segue.Lab.Traffic;

/// <summary>The requests of one client of one application.</summary>
internal sealed record Lane(int Index, string App, string Client)
{
    /// <summary>
    /// Whether the lane belongs to a source: an application, <c>application/client</c>, or null for all.
    /// </summary>
    public bool IsOf(string? source) => source is null || source == App || source == $"{App}/{Client}";
}
