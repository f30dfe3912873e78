using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Tests;

public class ErrorsTests
{
    [Theory]
    [InlineData("55P03", ErrorClass.LockTimeout)]
    [InlineData("40P01", ErrorClass.Retry)]
    [InlineData("40001", ErrorClass.Retry)]
    [InlineData("25P03", ErrorClass.Retry)]
    [InlineData("57014", ErrorClass.Cancelled)]
    [InlineData("57P01", ErrorClass.ConnectionLost)]
    [InlineData("57P02", ErrorClass.ConnectionLost)]
    [InlineData("57P03", ErrorClass.ConnectionLost)]
    [InlineData("57P05", ErrorClass.ConnectionLost)]
    [InlineData("08006", ErrorClass.ConnectionLost)]
    [InlineData("25006", ErrorClass.ReadOnly)]
    [InlineData("53100", ErrorClass.Resources)]
    [InlineData("53300", ErrorClass.ConnectionLost)]
    [InlineData("SG001", ErrorClass.LeaseLost)]
    [InlineData("23505", ErrorClass.Rows)]
    [InlineData("42703", ErrorClass.Permanent)]
    public void Each_SQLSTATE_has_one_class(string state, ErrorClass expected) =>
        Errors.Classify(state).ShouldBe(expected);

    [Fact]
    public void A_silent_network_counts_as_a_lost_connection() =>
        Errors
            .Classify(
                new NpgsqlException(
                    "Exception while reading from stream",
                    new TimeoutException("Timeout during reading attempt")
                )
            )
            .ShouldBe(ErrorClass.ConnectionLost);

    [Fact]
    public void A_broken_connection_is_reported_without_the_connection_string() =>
        Errors
            .Describe(
                new NpgsqlException("Exception while reading from stream", new IOException("Connection reset by peer"))
            )
            .ShouldBe("The connection to the server was lost or could not be opened (Connection reset by peer).");

    [Fact]
    public void A_session_limit_is_reported_with_the_number_a_run_uses() =>
        Errors
            .Describe(new PostgresException("too many connections for role \"app\"", "FATAL", "FATAL", "53300"))
            .ShouldBe(
                "too many connections for role \"app\". A run uses up to 9 sessions: raise that limit, or "
                    + "end idle sessions. (SQLSTATE 53300)"
            );

    /// <summary>A statement that a function puts together stands in the context as it is.</summary>
    [Fact]
    public void An_error_with_any_context_is_described()
    {
        string context =
            $"SQL statement \"SELECT 1,\nPL/pgSQL {new string('a', 100_000)}\"\nPL/pgSQL function keep() "
            + "line 3 at EXECUTE";

        Errors
            .Describe(new PostgresException("division by zero", "ERROR", "ERROR", "22012", where: context))
            .ShouldEndWith(" It comes from function keep(), line 3.");
    }
}
