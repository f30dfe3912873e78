namespace Segue.Conformance;

/// <summary>What can go wrong with a server, in the words of its driver.</summary>
public interface IFaultyServer
{
    /// <summary>The error of a connection that is lost.</summary>
    Exception ConnectionLost();

    /// <summary>The error of a server without room.</summary>
    Exception NoRoom();

    /// <summary>The server ends all sessions of engines that were opened.</summary>
    Task EndSessionsAsync();
}
