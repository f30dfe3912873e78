namespace Segue.Settings;

/// <summary>A minimum of free disk: a share, a size, or both (then both must be free). At least one is set.</summary>
/// <param name="Percent">1 to 99, of the whole disk.</param>
/// <param name="Bytes">More than 0.</param>
public sealed record FreeDisk(int? Percent, long? Bytes);
