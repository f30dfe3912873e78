namespace Segue.Projects;

/// <summary>Why something was not done, as a caller decides by it.</summary>
public enum FailureKind
{
    /// <summary>It failed; doing it again resumes.</summary>
    Failed,

    /// <summary>Settings, a change file or an argument is wrong; nothing was changed.</summary>
    BadInput,

    /// <summary>It could be done, but not safely; nothing was changed.</summary>
    Refused,

    /// <summary>A lock was not obtained in the time allowed; nothing was changed.</summary>
    LockNotObtained,

    /// <summary>Another runner is active, or took over.</summary>
    AnotherRunner,

    /// <summary>It was cancelled; doing it again resumes.</summary>
    Interrupted,
}
