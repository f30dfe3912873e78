using Segue.Engines;

namespace Segue.Projects;

/// <summary>Recognises the addresses of its databases and connects to them.</summary>
public interface IEngineProvider
{
    /// <summary>The engine's name, in lower case.</summary>
    string Name { get; }

    /// <summary>How an address is written, for messages, e.g. <c>scheme://user@host:5432/database</c>.</summary>
    string Example { get; }

    /// <summary>True for a URL with one of its schemes, or a connection string of its form.</summary>
    bool Recognises(string address);

    /// <summary>Reads an address. No message repeats any of its values.</summary>
    /// <param name="address">One that <see cref="Recognises"/> is true for.</param>
    /// <param name="variable">Reads an environment variable, for what the address leaves out.</param>
    AddressParse Parse(string address, Func<string, string?> variable);

    /// <summary>
    /// Connects and asks the server a first question, so that a wrong address is reported in words here.
    /// </summary>
    Task<Result<IEngine>> ConnectAsync(ConnectRequest request, CancellationToken cancel);
}
