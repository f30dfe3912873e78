namespace Segue.Planning;

/// <summary>How much a hazard matters, least first.</summary>
public enum HazardSeverity
{
    /// <summary>Good to know; nothing fails.</summary>
    Notice,

    /// <summary>Something may behave differently than expected: check it.</summary>
    Warning,

    /// <summary>Requests of applications can fail, or data is lost permanently, unless somebody prevents it.</summary>
    Danger,
}
