using Npgsql;

namespace Segue.Cli.Connections;

/// <summary>One database and how to reach it. Shows everything but the secrets.</summary>
internal sealed class DatabaseTarget(NpgsqlConnectionStringBuilder builder)
{
    // A password of one or two letters stands in every text by chance: to mask those would give it away.
    private const int ShortestReplaced = 4;

    private readonly NpgsqlConnectionStringBuilder _builder = builder;

    /// <summary>Holds the password: for the driver only.</summary>
    public string ConnectionString => _builder.ConnectionString;

    public string Host => _builder.Host ?? "localhost";

    /// <summary>E.g. <c>db.example.com:5432</c>.</summary>
    public string Address =>
        Host.Contains(',') || Host.StartsWith('/') ? Host
        : Host.Contains(':') ? $"[{Host}]:{_builder.Port}"
        : $"{Host}:{_builder.Port}";

    /// <summary>The Unix socket that it names; null where it names none, or several hosts.</summary>
    public string? SocketFile =>
        Host.StartsWith('/') && !Host.Contains(',') ? Path.Combine(Host, $".s.PGSQL.{_builder.Port}") : null;

    /// <summary>Null: the name of the system's user.</summary>
    public string? User => _builder.Username;

    /// <summary>A password is given by the address itself.</summary>
    public bool HasPassword => !string.IsNullOrEmpty(_builder.Password);

    /// <summary>What is wanted of the server, e.g. <c>primary</c>; null for anything.</summary>
    public string? WantedSession => _builder.TargetSessionAttributes;

    /// <summary>Null: the same as the user's.</summary>
    public string? Database => _builder.Database;

    public override string ToString() =>
        $"{Address} (database {Database ?? User ?? "of the operating system's user"}, user "
        + $"{User ?? "of the operating system"})";

    /// <summary>This one, with another's user and password where it names none.</summary>
    public DatabaseTarget WithCredentialsOf(DatabaseTarget other) =>
        new(
            new NpgsqlConnectionStringBuilder(_builder.ConnectionString)
            {
                Username = _builder.Username ?? other._builder.Username,
                Password =
                    _builder.Username is null || _builder.Username == other._builder.Username
                        ? _builder.Password ?? other._builder.Password
                        : _builder.Password,
            }
        );

    /// <summary>The text without this target's password, and without any other that looks like one.</summary>
    public string Redact(string text)
    {
        string clean = Redaction.Of(text);
        return _builder.Password is { Length: >= ShortestReplaced } password
            ? clean.Replace(password, Redaction.Mask, StringComparison.Ordinal)
            : clean;
    }
}
