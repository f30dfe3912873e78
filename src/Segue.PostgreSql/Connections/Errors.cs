using System.Net.Sockets;
using Npgsql;
using Segue.Engines;
using Segue.Ledger;

namespace Segue.PostgreSql.Connections;

/// <summary>The meaning of PostgreSQL's errors. Codes: documentation, appendix "PostgreSQL Error Codes".</summary>
internal static class Errors
{
    /// <summary>Raised by <c>segue.fence</c>: the lease has another token.</summary>
    public const string LeaseLost = "SG001";

    /// <summary>Raised by <c>segue.refuse_rewrite</c>.</summary>
    private const string UnplannedRewrite = "SG002";

    /// <summary>Raised by <c>segue.advance</c>: the table was rewritten, so block numbers mean other rows.</summary>
    public const string TableRewritten = "SG010";

    /// <summary>Raised by <c>segue.advance</c>.</summary>
    public const string CursorGone = "SG011";

    private const string IdleSessionTimeout = "57P05";
    private const string IdleInTransactionTimeout = "25P03";
    private const string TransactionTimeout = "25P04";

    public static ErrorClass Classify(Exception error) =>
        error switch
        {
            LeaseLostException => ErrorClass.LeaseLost,
            // Two sessions wrote the same row of the catalog, such as a GRANT beside an ALTER: neither is wrong.
            PostgresException
            {
                SqlState: PostgresErrorCodes.InternalError,
                MessageText: "tuple concurrently updated" or "tuple concurrently deleted"
            } => ErrorClass.Retry,
            PostgresException server => Classify(server.SqlState),
            NpgsqlException => ErrorClass.ConnectionLost,
            IOException or SocketException or TimeoutException => ErrorClass.ConnectionLost,
            OperationCanceledException => ErrorClass.Cancelled,
            _ => ErrorClass.Permanent,
        };

    public static ErrorClass Classify(string state) =>
        state switch
        {
            LeaseLost => ErrorClass.LeaseLost,
            PostgresErrorCodes.LockNotAvailable => ErrorClass.LockTimeout,
            PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure => ErrorClass.Retry,
            PostgresErrorCodes.QueryCanceled => ErrorClass.Cancelled,
            PostgresErrorCodes.ReadOnlySqlTransaction => ErrorClass.ReadOnly,
            PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow
            or IdleSessionTimeout => ErrorClass.ConnectionLost,
            IdleInTransactionTimeout or TransactionTimeout => ErrorClass.Retry,
            // No free connection, for the server, the database or the role. One becomes free when another session ends.
            PostgresErrorCodes.TooManyConnections => ErrorClass.ConnectionLost,
            _ when state.StartsWith("08") => ErrorClass.ConnectionLost,
            _ when state.StartsWith("23") => ErrorClass.Rows,
            _ when state.StartsWith("53") => ErrorClass.Resources,
            _ => ErrorClass.Permanent,
        };

    /// <summary>A single row may raise it: its values, a trigger or a constraint. The next row may be fine.</summary>
    public static bool IsOfRows(PostgresException error) => Classify(error) is ErrorClass.Permanent or ErrorClass.Rows;

    /// <summary>
    /// The server's message with its detail and hint, and the function and trigger it comes from; never a connection
    /// string.
    /// </summary>
    public static string Describe(Exception error) =>
        error is PostgresException server ? Said(server) + ErrorContext.Sentences(server) : Said(error);

    private static string Said(Exception error) =>
        error switch
        {
            PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } full =>
                $"{Sentence(full.MessageText)} A run uses up to {Database.SessionsNeeded} sessions: "
                    + $"raise that limit, or end idle sessions. (SQLSTATE {full.SqlState})",
            PostgresException { SqlState: PostgresErrorCodes.DiskFull } full =>
                $"The server is out of disk space ({full.MessageText}). Free some, then apply again.",
            PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } locked =>
                $"{Sentence(locked.MessageText)} Another open transaction, such as DDL, holds the lock; "
                    + "`SELECT pid, relation::regclass FROM pg_locks WHERE granted AND mode = "
                    + "'AccessExclusiveLock'` shows its pid. Let it end, then try again. (SQLSTATE "
                    + $"{locked.SqlState})",
            PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } closed =>
                $"{Sentence(closed.MessageText)} The server is a standby, or default_transaction_read_only "
                    + $"is on for our role or database. (SQLSTATE {closed.SqlState})",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } denied
                when denied.MessageText.EndsWith("schema segue", StringComparison.Ordinal) =>
                $"{Sentence(denied.MessageText)} Only the role that owns the ledger (schema segue), and its members, "
                    + "can use it: connect as that role, or `GRANT owner TO role`; the doctor names both. (SQLSTATE "
                    + $"{denied.SqlState})",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } denied =>
                $"{Sentence(denied.MessageText)} The doctor lists the missing privileges. (SQLSTATE {denied.SqlState})",
            PostgresException server => SaidOfObjects(server),
            StandbyException standby => standby.Message,
            NpgsqlException { InnerException: { } inner } =>
                $"The connection to the server was lost or could not be opened ({inner.Message}).",
            _ => error.Message,
        };

    /// <summary>About objects and rows, rather than about the server as a whole.</summary>
    private static string SaidOfObjects(PostgresException server) =>
        server switch
        {
            {
                SqlState: PostgresErrorCodes.UndefinedTable
                    or PostgresErrorCodes.UndefinedFunction
                    or PostgresErrorCodes.InvalidSchemaName
            } gone
                when gone.MessageText.Contains("segue.", StringComparison.Ordinal)
                    || gone.MessageText.Contains("\"segue\"", StringComparison.Ordinal) =>
                $"The ledger is damaged: {Sentence(gone.MessageText)} The doctor reports what is "
                    + $"missing from schema segue, and how to repair it. (SQLSTATE {gone.SqlState})",
            { SqlState: PostgresErrorCodes.DuplicateObject } taken =>
                $"{Sentence(taken.MessageText)} It does not belong to this change: it was created after "
                    + "the change was planned, and is not touched. Rename or drop it, then apply again; or "
                    + $"roll back. (SQLSTATE {taken.SqlState})",
            { SqlState: PostgresErrorCodes.DependentObjectsStillExist } needed =>
                $"{Sentence(needed.MessageText)} {Sentence(needed.Detail?.ReplaceLineEndings("; "))} "
                    + "Drop or change them first; Segue never drops objects that it did not create. "
                    + $"(SQLSTATE {needed.SqlState})",
            { SqlState: PostgresErrorCodes.CheckViolation, Detail: not null } violated =>
                $"{Sentence(violated.MessageText)} A row that violates a constraint which was never "
                    + "proven cannot be written until it is corrected: `ALTER TABLE "
                    + $"{Sql.Name(violated.SchemaName ?? "", violated.TableName ?? "")} VALIDATE CONSTRAINT "
                    + $"{Sql.Name(violated.ConstraintName ?? "")}` shows whether there are any. (SQLSTATE "
                    + $"{violated.SqlState})",
            { SqlState: UnplannedRewrite } rewrite =>
                $"{rewrite.MessageText} Nothing was changed. Something that the plan relies on has "
                    + "changed (a function became volatile, for example): roll back, and plan again.",
            _ => string.Join(
                " ",
                new[]
                {
                    Sentence(server.MessageText),
                    Sentence(MayHoldValues(server) ? WithoutValues(server) : server.Detail),
                    Sentence(server.Hint),
                    $"(SQLSTATE {server.SqlState})",
                }.Where(part => part.Length > 0)
            ),
        };

    /// <summary>Details of data errors quote the row; Segue must not log the users' data.</summary>
    private static bool MayHoldValues(PostgresException error) => error.SqlState[..2] is "22" or "23";

    private static string? WithoutValues(PostgresException error) =>
        error.SqlState == PostgresErrorCodes.UniqueViolation ? "Two rows have the same value." : null;

    public static string Sentence(string? text) =>
        string.IsNullOrEmpty(text) ? ""
        : text.EndsWith('.') ? text
        : text + ".";
}
