namespace Segue.Lab;

/// <summary>The lab failed. The message says what, why and what to do about it.</summary>
public sealed class LabException : Exception
{
    public LabException(string message)
        : base(message) { }

    public LabException(string message, Exception innerException)
        : base(message, innerException) { }
}
