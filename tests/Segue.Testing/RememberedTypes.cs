#pragma warning disable NPG9001, NPG9002 // The driver's own list of a server's types; it may change with the driver.

using System.Collections.Concurrent;
using System.Reflection;
using Npgsql.Internal;
using Npgsql.PostgresTypes;
using Npgsql.Util;

namespace Segue.Testing;

/// <summary>
/// The driver asks each database for its types when it is opened first, which takes longer than most of what a test
/// asks it for. Here each server version is asked once: no test reads types of its own by the driver.
/// </summary>
internal sealed class RememberedTypes : INpgsqlDatabaseInfoFactory
{
    private static readonly INpgsqlDatabaseInfoFactory Driver = (INpgsqlDatabaseInfoFactory)
        Activator.CreateInstance(
            typeof(NpgsqlDatabaseInfo).Assembly.GetType("Npgsql.PostgresDatabaseInfoFactory", throwOnError: true)!,
            nonPublic: true
        )!;

    private static readonly MethodInfo GetTypes = typeof(NpgsqlDatabaseInfo).GetMethod(
        "GetTypes",
        BindingFlags.Instance | BindingFlags.NonPublic
    )!;

    private static readonly PropertyInfo Parameters = typeof(NpgsqlConnector).GetProperty(
        "PostgresParameters",
        BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public
    )!;

    private readonly ConcurrentDictionary<string, PostgresType[]> _types = new();

    public static void Register() => NpgsqlDatabaseInfo.RegisterFactory(new RememberedTypes());

    public async Task<NpgsqlDatabaseInfo?> Load(NpgsqlConnector conn, NpgsqlTimeout timeout, bool async)
    {
        string version = ((IReadOnlyDictionary<string, string>)Parameters.GetValue(conn)!)["server_version"];
        if (_types.TryGetValue(version, out PostgresType[]? types))
        {
            return new Remembered(conn, version, types);
        }

        if (await Driver.Load(conn, timeout, async) is not { } loaded)
        {
            return null;
        }

        _types[version] = [.. (IEnumerable<PostgresType>)GetTypes.Invoke(loaded, null)!];
        return loaded;
    }

    private sealed class Remembered(NpgsqlConnector connector, string version, PostgresType[] types)
        : NpgsqlDatabaseInfo(
            connector.Settings.Host!,
            connector.Settings.Port,
            connector.Settings.Database!,
            ParseServerVersion(version),
            version
        )
    {
        protected override IEnumerable<PostgresType> GetTypes() => types;
    }
}
