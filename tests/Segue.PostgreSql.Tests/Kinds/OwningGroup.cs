using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// A clerk who logs in, and an office that owns tables: the test creates both. They are dropped with what they own.
/// </summary>
internal sealed class OwningGroup(TestDatabase admin) : IAsyncDisposable
{
    public string Clerk { get; } = $"clerk_{admin.Name}";

    public string Office { get; } = $"office_{admin.Name}";

    /// <summary>The database as the clerk sees it.</summary>
    public TestDatabase Database { get; } =
        new(admin.Server, admin.Name, admin.Server.ConnectionString(admin.Name, $"clerk_{admin.Name}"))
        {
            Planning = admin.Planning,
            Options = admin.Options,
        };

    public async ValueTask DisposeAsync()
    {
        await admin.ExecuteAsync(
            $"REASSIGN OWNED BY {Clerk}, {Office} TO postgres; DROP OWNED BY {Clerk}, {Office}; DROP "
                + $"ROLE {Clerk}; DROP ROLE {Office}"
        );
        await Database.DisposeAsync();
    }
}
