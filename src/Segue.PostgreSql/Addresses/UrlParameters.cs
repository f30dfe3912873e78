using Npgsql;
using Segue.Projects;

namespace Segue.PostgreSql.Addresses;

/// <summary>
/// libpq's connection parameters by name, as Npgsql knows them. Values are never repeated in a message.
/// </summary>
internal static class UrlParameters
{
    private static readonly Dictionary<string, SslMode> SslModes = new(StringComparer.Ordinal)
    {
        ["disable"] = SslMode.Disable,
        ["allow"] = SslMode.Allow,
        ["prefer"] = SslMode.Prefer,
        ["require"] = SslMode.Require,
        ["verify-ca"] = SslMode.VerifyCA,
        ["verify-full"] = SslMode.VerifyFull,
    };

    private static readonly Dictionary<string, SslNegotiation> Negotiations = new(StringComparer.Ordinal)
    {
        ["postgres"] = SslNegotiation.Postgres,
        ["direct"] = SslNegotiation.Direct,
    };

    private static readonly Dictionary<string, ChannelBinding> Bindings = new(StringComparer.Ordinal)
    {
        ["disable"] = ChannelBinding.Disable,
        ["prefer"] = ChannelBinding.Prefer,
        ["require"] = ChannelBinding.Require,
    };

    private static readonly Dictionary<string, GssEncryptionMode> Encryptions = new(StringComparer.Ordinal)
    {
        ["disable"] = GssEncryptionMode.Disable,
        ["prefer"] = GssEncryptionMode.Prefer,
        ["require"] = GssEncryptionMode.Require,
    };

    private static readonly Dictionary<string, bool> Balances = new(StringComparer.Ordinal)
    {
        ["disable"] = false,
        ["random"] = true,
    };

    private static readonly string[] Sessions =
    [
        "any",
        "read-write",
        "read-only",
        "primary",
        "standby",
        "prefer-standby",
    ];

    private static readonly Dictionary<string, Func<string, NpgsqlConnectionStringBuilder, bool>> Setters = new(
        StringComparer.Ordinal
    )
    {
        ["host"] = (value, builder) => Do(() => builder.Host = value),
        ["port"] = (value, builder) => Number(value, port => builder.Port = port),
        ["user"] = (value, builder) => Do(() => builder.Username = value),
        ["password"] = (value, builder) => Do(() => builder.Password = value),
        ["dbname"] = (value, builder) => Do(() => builder.Database = value),
        ["passfile"] = (value, builder) => Do(() => builder.Passfile = value),
        ["application_name"] = (value, builder) => Do(() => builder.ApplicationName = value),
        ["fallback_application_name"] = (value, builder) => Do(() => builder.ApplicationName ??= value),
        ["client_encoding"] = (value, builder) => Do(() => builder.ClientEncoding = value),
        ["connect_timeout"] = (value, builder) => Number(value, seconds => builder.Timeout = seconds),
        ["keepalives_idle"] = (value, builder) => Number(value, seconds => builder.TcpKeepAliveTime = seconds),
        ["keepalives_interval"] = (value, builder) => Number(value, seconds => builder.TcpKeepAliveInterval = seconds),
        ["options"] = (value, builder) => Do(() => builder.Options = value),
        ["sslmode"] = (value, builder) => Choice(SslModes, value, mode => builder.SslMode = mode),
        ["sslnegotiation"] = (value, builder) => Choice(Negotiations, value, way => builder.SslNegotiation = way),
        ["sslrootcert"] = (value, builder) => Do(() => builder.RootCertificate = value),
        ["sslcert"] = (value, builder) => Do(() => builder.SslCertificate = value),
        ["sslkey"] = (value, builder) => Do(() => builder.SslKey = value),
        ["sslpassword"] = (value, builder) => Do(() => builder.SslPassword = value),
        ["channel_binding"] = (value, builder) => Choice(Bindings, value, binding => builder.ChannelBinding = binding),
        ["gssencmode"] = (value, builder) => Choice(Encryptions, value, mode => builder.GssEncryptionMode = mode),
        ["krbsrvname"] = (value, builder) => Do(() => builder.KerberosServiceName = value),
        ["require_auth"] = (value, builder) => Do(() => builder.RequireAuth = value),
        ["load_balance_hosts"] = (value, builder) => Choice(Balances, value, on => builder.LoadBalanceHosts = on),
        ["target_session_attrs"] = (value, builder) =>
            Sessions.Contains(value) && Do(() => builder.TargetSessionAttributes = value),
    };

    /// <returns>The objection; null for none.</returns>
    public static string? Set(IReadOnlyDictionary<string, string> parameters, NpgsqlConnectionStringBuilder builder)
    {
        foreach ((string name, string value) in parameters)
        {
            if (!Setters.TryGetValue(name, out Func<string, NpgsqlConnectionStringBuilder, bool>? set))
            {
                return $"the URL has an unknown parameter: '{Redaction.Of(name)}'; known are "
                    + $"{string.Join(", ", Setters.Keys)}";
            }

            if (!set(value, builder))
            {
                return $"the URL's parameter {name} has an unknown value";
            }
        }

        VerifyAsLibpqWould(builder);
        return null;
    }

    // libpq: sslmode=require with a root certificate checks the chain like verify-ca, and the certificate "system"
    // means the
    // system's own store and verify-full. https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-CERTIFICATES
    private static void VerifyAsLibpqWould(NpgsqlConnectionStringBuilder builder)
    {
        if (builder.RootCertificate == "system")
        {
            builder.RootCertificate = null;
            builder.SslMode = SslMode.VerifyFull;
        }
        else if (builder is { RootCertificate: not null, SslMode: SslMode.Require })
        {
            builder.SslMode = SslMode.VerifyCA;
        }
    }

    private static bool Do(Action set)
    {
        try
        {
            set();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool Number(string text, Action<int> set) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, null, out int number) && Do(() => set(number));

    private static bool Choice<T>(Dictionary<string, T> known, string text, Action<T> set) =>
        known.TryGetValue(text, out T? value) && Do(() => set(value));
}
