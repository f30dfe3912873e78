using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Connections;
using Segue.Projects;

namespace Segue.PostgreSql.Addresses;

/// <summary>Why a database could not be reached, in words: host, port and user are named, the password never.</summary>
internal static class Unreachable
{
    public static async Task<Result<IEngine>> GuardAsync(PostgresAddress target, Func<Task<IEngine>> connect)
    {
        try
        {
            return new Result<IEngine>.Good(await connect());
        }
        catch (Exception error)
            when (error
                    is NpgsqlException
                        or SocketException
                        or TimeoutException
                        or IOException
                        or AuthenticationException
                        or UnauthorizedAccessException
                        or CryptographicException
                        or NotSupportedException
                        or ArgumentException
            )
        {
            (string what, string remedy) = Explain(target, error);
            return new Failure(FailureKind.Failed, [new Problem("database", target.Redact(what), remedy)]);
        }
    }

    // SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
    private static (string What, string Remedy) Explain(PostgresAddress target, Exception error) =>
        error switch
        {
            PostgresException refused => Explain(target, refused),
            NpgsqlException { InnerException: null } asked
                when !target.HasPassword && asked.Message.Contains("password", StringComparison.OrdinalIgnoreCase) => (
                $"the server at {target.Server} asks user {target.User} for a password, and none was given",
                "The password can be in the URL, in PGPASSWORD or in ~/.pgpass."
            ),
            NpgsqlException { InnerException: null } plain
                when plain.Message.StartsWith("SSL connection requested", StringComparison.Ordinal) => (
                $"the server at {target.Server} does not offer TLS, and the address requires it",
                "Turn TLS on at the server (ssl = on), or write sslmode=prefer if you trust the network."
            ),
            _ when (error.InnerException ?? error)
                    is FileNotFoundException
                        or DirectoryNotFoundException
                        or UnauthorizedAccessException
                        or CryptographicException => (
                $"a file that the address of {target.Server} names cannot be used: "
                    + $"{(error.InnerException ?? error).Message}",
                "Check sslrootcert, sslcert, sslkey and passfile: each file must exist, be readable, "
                    + "and have the right content."
            ),
            { InnerException: AuthenticationException tls } => (
                $"no secure connection to {target.Server}: {tls.Message}",
                "Check sslmode and sslrootcert: verify-full requires a server certificate for that host name."
            ),
            _ when target.SocketFile is { } socket && !Path.Exists(socket) => (
                $"cannot reach {target}: there is no socket {socket}",
                "Is the server running? `SHOW unix_socket_directories` and `SHOW port` there show directory and port."
            ),
            _ => (
                $"cannot reach {target}: {(error.InnerException ?? error).Message}",
                "Is the server running, and does it listen on that host and port? A firewall or a VPN "
                    + "may block the connection."
            ),
        };

    private static (string What, string Remedy) Explain(PostgresAddress target, PostgresException refused) =>
        refused switch
        {
            { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
                (
                    $"the server at {target.Server} rejects user {target.User}: {refused.MessageText}",
                    "Check user and password. The password can be in the URL, in PGPASSWORD or in "
                        + "~/.pgpass; the server's pg_hba.conf decides which users may connect from which hosts."
                ),
            { SqlState: PostgresErrorCodes.InvalidCatalogName } => (
                $"the server at {target.Server} has no database {target.Database ?? target.User}",
                "Check the database's name in the URL, or create it."
            ),
            { SqlState: PostgresErrorCodes.TooManyConnections } => (
                $"the server at {target.Server} has no free connection: {refused.MessageText}",
                $"A run uses up to {Database.SessionsNeeded} sessions. Raise the limit that the "
                    + "server names (the role's or the database's CONNECTION LIMIT, or max_connections), or "
                    + "end idle sessions."
            ),
            { SqlState: PostgresErrorCodes.CannotConnectNow } => (
                $"the server at {target.Server} answers: {refused.MessageText}",
                "Try again once it accepts connections."
            ),
            _ => (
                $"the server at {target.Server} answers: {refused.MessageText} (SQLSTATE {refused.SqlState})",
                "Its log may say more."
            ),
        };
}
