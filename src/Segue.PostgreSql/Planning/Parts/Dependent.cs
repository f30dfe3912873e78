using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// An object that depends on the type of a column. The server does not change the type while it exists.
/// </summary>
internal sealed record Dependent
{
    public required DependentKind Kind { get; init; }

    /// <summary>0 for an object that cannot be recreated.</summary>
    public required uint Oid { get; init; }

    /// <summary>In the server's words, e.g. <c>view public.paid</c>.</summary>
    public required string Title { get; init; }

    /// <summary>A view's schema and name; only the name of an object that belongs to the table.</summary>
    public required string? Schema { get; init; }

    public required string Name { get; init; }

    /// <summary>A view's.</summary>
    public required string? Owner { get; init; }

    public string Catalog =>
        Kind switch
        {
            DependentKind.View => "pg_class",
            DependentKind.Trigger => "pg_trigger",
            DependentKind.Policy => "pg_policy",
            DependentKind.Check => "pg_constraint",
            _ => throw new InvalidOperationException($"{Title} cannot be recreated."),
        };

    public bool IsView => Kind == DependentKind.View;

    public string Sql =>
        Schema is null ? PostgreSql.Connections.Sql.Name(Name) : PostgreSql.Connections.Sql.Name(Schema, Name);

    /// <param name="relation">The view itself; otherwise the relation of the trigger, policy or CHECK.</param>
    public string Drop(string relation) =>
        Kind switch
        {
            DependentKind.View => $"DROP VIEW {relation}",
            DependentKind.Trigger => $"DROP TRIGGER {Sql} ON {relation}",
            DependentKind.Policy => $"DROP POLICY {Sql} ON {relation}",
            DependentKind.Check => $"ALTER TABLE {relation} DROP CONSTRAINT {Sql}",
            _ => throw new InvalidOperationException($"{Title} cannot be recreated."),
        };

    /// <summary>How a plan claims it.</summary>
    /// <param name="table">Its own, <c>schema.name</c>.</param>
    public Claim Claimed(string table) =>
        Kind switch
        {
            DependentKind.View => new Claim(ClaimKind.View, $"{Schema}.{Name}"),
            DependentKind.Check => new Claim(ClaimKind.Constraint, $"{table} {Name}"),
            DependentKind.Trigger => new Claim(ClaimKind.Trigger, $"{table} {Name}"),
            DependentKind.Policy => new Claim(ClaimKind.Policy, $"{table} {Name}"),
            _ => throw new InvalidOperationException($"{Title} is not recreated."),
        };

    /// <summary>All dependents of the columns, in the order in which they can be created.</summary>
    /// <param name="table">Qualified and quoted.</param>
    public static Task<IReadOnlyList<Dependent>> OfAsync(
        NpgsqlConnection connection,
        string table,
        IReadOnlyList<string> columns,
        CancellationToken cancel
    ) =>
        connection.AsideAsync(
            async () =>
            {
                await Printing.BeginAsync(connection, cancel);
                return await connection.QueryAsync(
                    $"{DependentQuery.Of(table, columns)} ORDER BY kind, depth, title",
                    Read,
                    cancel
                );
            },
            cancel
        );

    /// <summary>
    /// An expression: the same text as long as the same objects (without Segue's own) depend on the columns and none of
    /// them was altered.
    /// </summary>
    public static string Signature(string table, IReadOnlyList<string> columns) =>
        Printing.InPlan(
            "(SELECT md5(string_agg(concat_ws(' ', kind, title, signature), ',' ORDER BY kind, title, "
                + $"signature)) FROM ({DependentQuery.Of(table, columns)}) AS known WHERE kind <> 'sync')"
        );

    /// <summary>A condition: another change keeps one of the columns in sync with old code.</summary>
    public static string IsKeptInSync(string table, IReadOnlyList<string> columns, string change) =>
        $"EXISTS (SELECT FROM ({DependentQuery.Of(table, columns)}) AS known WHERE kind = 'sync' AND name "
        + $"!~ '^~?segue_{ObjectNames.Mark(change, table)}_')";

    private static Dependent Read(NpgsqlDataReader row) =>
        new()
        {
            Kind = Enum.Parse<DependentKind>(row.GetString(0), ignoreCase: true),
            Oid = (uint)row.GetInt64(2),
            Title = row.GetString(3),
            Schema = row.Nullable<string>(4),
            Name = row.GetString(5),
            Owner = row.Nullable<string>(6),
        };
}

/// <summary>Its kind; in the order of creation.</summary>
internal enum DependentKind
{
    View,
    Trigger,
    Policy,

    /// <summary>
    /// The server would check every row under the lock. So it is recreated unproven, and proven online.
    /// </summary>
    Check,

    /// <summary>A trigger of Segue's that keeps a column in sync with old code.</summary>
    Sync,

    /// <summary>An object that cannot be dropped and recreated while apps work.</summary>
    Other,
}
