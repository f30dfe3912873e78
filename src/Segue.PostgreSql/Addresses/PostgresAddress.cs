using Npgsql;
using Segue.Projects;

namespace Segue.PostgreSql.Addresses;

internal sealed class PostgresAddress(NpgsqlConnectionStringBuilder builder) : DatabaseAddress
{
    // A password of one or two letters occurs in every text by chance: masking it there would reveal it.
    private const int ShortestReplaced = 4;

    private readonly NpgsqlConnectionStringBuilder _builder = builder;

    /// <summary>Holds the password: for the driver only.</summary>
    public string ConnectionString => _builder.ConnectionString;

    public string Host => _builder.Host ?? "localhost";

    public override string Server =>
        Host.Contains(',') || Host.StartsWith('/') ? Host
        : Host.Contains(':') ? $"[{Host}]:{_builder.Port}"
        : $"{Host}:{_builder.Port}";

    /// <summary>The Unix socket that it names; null where it names none, or several hosts.</summary>
    public string? SocketFile =>
        Host.StartsWith('/') && !Host.Contains(',') ? Path.Combine(Host, $".s.PGSQL.{_builder.Port}") : null;

    /// <summary>As the driver chooses it, where the address names none.</summary>
    public string User =>
        _builder.Username
        ?? (Environment.GetEnvironmentVariable("PGUSER") is { Length: > 0 } user ? user : Environment.UserName);

    /// <summary>A password is given by the address itself.</summary>
    public bool HasPassword => !string.IsNullOrEmpty(_builder.Password);

    public override string? AsksForReplica =>
        _builder.TargetSessionAttributes is "read-only" or "standby" or "prefer-standby"
            ? $"target_session_attrs={_builder.TargetSessionAttributes}"
            : null;

    /// <summary>Null: the same as the user's.</summary>
    public string? Database => _builder.Database;

    public override string ToString() => $"{Server} (database {Database ?? User}, user {User})";

    public override DatabaseAddress WithCredentialsOf(DatabaseAddress other)
    {
        NpgsqlConnectionStringBuilder others = ((PostgresAddress)other)._builder;
        return new PostgresAddress(
            new NpgsqlConnectionStringBuilder(_builder.ConnectionString)
            {
                Username = _builder.Username ?? others.Username,
                Password =
                    _builder.Username is null || _builder.Username == others.Username
                        ? _builder.Password ?? others.Password
                        : _builder.Password,
            }
        );
    }

    public override string Redact(string text)
    {
        string clean = Redaction.Of(text);
        return _builder.Password is { Length: >= ShortestReplaced } password
            ? clean.Replace(password, Redaction.Mask, StringComparison.Ordinal)
            : clean;
    }
}
