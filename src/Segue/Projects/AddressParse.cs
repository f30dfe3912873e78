namespace Segue.Projects;

/// <summary>The answer to a URL or connection string. No message repeats any of its values.</summary>
public abstract record AddressParse
{
    private AddressParse() { }

    /// <summary>It was understood.</summary>
    public sealed record Read(DatabaseAddress Address) : AddressParse;

    /// <summary>It was not.</summary>
    /// <param name="What">What is wrong.</param>
    /// <param name="Remedy">What to do.</param>
    public sealed record Invalid(string What, string Remedy) : AddressParse;
}
