using Npgsql;
using Segue.Projects;

namespace Segue.PostgreSql.Addresses;

/// <summary>
/// A <c>postgres://</c> URL as libpq reads it
/// (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS), turned into a connection string
/// for Npgsql.
/// </summary>
internal static class DatabaseUrl
{
    private const string Example = "Write it as postgres://user@host:5432/database?sslmode=require.";
    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    public static bool IsOne(string text) =>
        Schemes.Any(scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <param name="variable">Reads an environment variable: <c>PGHOST</c>, <c>PGPORT</c> and <c>PGDATABASE</c> replace
    /// missing parts of the URL.</param>
    public static AddressParse Parse(string url, Func<string, string?> variable)
    {
        string rest = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        (string before, string query) = Cut(rest, '?');
        (string authority, string path) = CutPath(before);
        int at = authority.LastIndexOf('@');
        (string user, string password) = Cut(at < 0 ? "" : authority[..at], ':');

        NpgsqlConnectionStringBuilder builder = new();
        builder.Port = ushort.TryParse(variable("PGPORT"), out ushort port) ? port : NpgsqlConnection.DefaultPort;
        string? problem =
            Hosts(authority[(at + 1)..], builder)
            ?? Text(user, "user", text => builder.Username = text)
            ?? Text(password, "password", text => builder.Password = text)
            ?? Text(path, "database's name", text => builder.Database = text)
            ?? Parameters(query, builder);
        if (problem is not null)
        {
            return new AddressParse.Invalid(problem, Example);
        }

        builder.Host ??= Given(variable("PGHOST")) ?? "localhost";
        builder.Database ??= Given(variable("PGDATABASE"));
        return new AddressParse.Read(new PostgresAddress(builder));
    }

    private static string? Hosts(string text, NpgsqlConnectionStringBuilder builder)
    {
        List<(string Name, int? Port)> hosts = [];
        foreach (string entry in text.Length == 0 ? [] : text.Split(','))
        {
            int colon = entry.LastIndexOf(':');
            bool hasPort = colon > entry.LastIndexOf(']');
            if (PercentEncoding.Decode(hasPort ? entry[..colon] : entry) is not { } name)
            {
                return "the host of the URL is not properly percent-encoded";
            }

            string port = hasPort ? entry[(colon + 1)..] : "";
            if (port.Length > 0 && !(ushort.TryParse(port, out ushort number) && number > 0))
            {
                return "the port in the URL must be a number from 1 to 65535; write an '@', ':' or '/' in a "
                    + "password as %40, %3A or %2F";
            }

            hosts.Add((name, port.Length == 0 ? null : int.Parse(port)));
        }

        Set(hosts, builder);
        return null;
    }

    // Npgsql takes one host and its port separately, several as "a:5432,[::1]:5433".
    private static void Set(List<(string Name, int? Port)> hosts, NpgsqlConnectionStringBuilder builder)
    {
        if (hosts is [var (name, port)])
        {
            builder.Host = name.Length == 0 ? null : name.Trim('[', ']');
            builder.Port = port ?? builder.Port;
        }
        else if (hosts.Count > 1)
        {
            builder.Host = string.Join(
                ',',
                hosts.Select(host => host.Port is { } at ? $"{host.Name}:{at}" : host.Name)
            );
        }
    }

    private static string? Parameters(string query, NpgsqlConnectionStringBuilder builder)
    {
        Dictionary<string, string> parameters = [];
        foreach (string pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            (string key, string value) = Cut(pair, '=');
            if (PercentEncoding.Decode(key) is not { } name || PercentEncoding.Decode(value) is not { } decoded)
            {
                return "a parameter of the URL is not properly percent-encoded";
            }

            parameters[name] = decoded;
        }

        return UrlParameters.Set(parameters, builder);
    }

    private static string? Text(string encoded, string part, Action<string> set)
    {
        if (PercentEncoding.Decode(encoded) is not { } text)
        {
            return $"the {part} in the URL is not properly percent-encoded";
        }

        if (text.Length > 0)
        {
            set(text);
        }

        return null;
    }

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static (string Before, string After) Cut(string text, char at)
    {
        int index = text.IndexOf(at);
        return index < 0 ? (text, "") : (text[..index], text[(index + 1)..]);
    }

    // A password with an unescaped '/' is common: the path begins after the last '@'.
    private static (string Authority, string Path) CutPath(string text)
    {
        int slash = text.IndexOf('/', Math.Max(0, text.LastIndexOf('@')));
        return slash < 0 ? (text, "") : (text[..slash], text[(slash + 1)..]);
    }
}
