using Npgsql;
using Segue.Planning;

namespace Segue.PostgreSql.Connections;

/// <summary>
/// Settings of one transaction, set in that transaction, so that a pooler can neither lose nor leak them.
/// </summary>
internal static class LocalSettings
{
    /// <summary>One statement that sets them all. Values are parameters.</summary>
    public static void AddLocal(this NpgsqlBatch batch, params (string Name, string Value)[] settings)
    {
        string calls = string.Join(
            ", ",
            settings.Select((_, i) => $"set_config(${(2 * i) + 1}, ${(2 * i) + 2}, true)")
        );
        batch.Add($"SELECT {calls}", [.. settings.SelectMany(setting => new object[] { setting.Name, setting.Value })]);
    }

    public static async Task SetLocalAsync(
        this NpgsqlConnection connection,
        CancellationToken cancel,
        params (string Name, string Value)[] settings
    )
    {
        await using NpgsqlBatch batch = connection.NewBatch();
        batch.AddLocal(settings);
        await batch.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The beginning of every transaction of the plan.</summary>
    public static IEnumerable<(string Name, string Value)> Of(Plan plan) =>
        plan.Settings.Select(setting => (setting.Key, setting.Value)).Prepend(SearchPath(plan.SearchPath));

    public static (string Name, string Value) SearchPath(IReadOnlyList<string> schemas) =>
        ("search_path", Sql.Names(schemas));

    public static (string Name, string Value) Milliseconds(string name, double value) =>
        (name, $"{Math.Max(1, (long)value)}ms");
}
