namespace Segue.Planning.Assembly;

/// <summary>The target cannot be asked any more: planning ends with what was found so far.</summary>
public class CannotPlanException(string message, string? remedy = null) : Exception(message)
{
    /// <summary>What to do; null if unknown.</summary>
    public string? Remedy => remedy;
}
