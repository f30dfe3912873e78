namespace Segue.Projects;

/// <summary>One database and how to reach it. Shows everything but the secrets.</summary>
public abstract class DatabaseAddress
{
    /// <summary>Where the server is, e.g. <c>db.example.com:5432</c>.</summary>
    public abstract string Server { get; }

    /// <summary>
    /// What in the address asks for a server that only reads, as it is written there; null for nothing.
    /// </summary>
    public abstract string? AsksForReplica { get; }

    /// <summary>This one, with another's user and password where it names none.</summary>
    /// <param name="other">An address of the same engine.</param>
    public abstract DatabaseAddress WithCredentialsOf(DatabaseAddress other);

    /// <summary>The text without this address's password, and without any other that looks like one.</summary>
    public abstract string Redact(string text);

    /// <summary>Server, database and user, for people.</summary>
    public abstract override string ToString();
}
