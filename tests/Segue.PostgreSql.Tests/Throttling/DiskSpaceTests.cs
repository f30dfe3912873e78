using Segue.PostgreSql.Throttling;
using Segue.Settings;

namespace Segue.PostgreSql.Tests.Throttling;

public class DiskSpaceTests
{
    private static readonly ServerPlace Data = new(PlaceKind.Data, "the server's data", "/data");
    private static readonly ServerPlace Log = new(PlaceKind.Log, "the write-ahead log", "/data/pg_wal");
    private static readonly ServerPlace Space = new(PlaceKind.Tablespace, "tablespace fast", "/fast");

    [Theory]
    [InlineData(100, 1000, 10, null, null)]
    [InlineData(
        99,
        1000,
        10,
        null,
        "Only 99 B are free on the volume of the server's data (/data); 100 B must stay free."
    )]
    [InlineData(
        150,
        1000,
        10,
        200L,
        "Only 150 B are free on the volume of the server's data (/data); 200 B must stay free."
    )]
    [InlineData(200, 1000, null, 200L, null)]
    public void A_share_and_a_size_must_both_stay_free(
        long free,
        long total,
        int? percent,
        long? bytes,
        string? expected
    ) =>
        new Volume("the server's data", "/data", free, total)
            .StopReason(new FreeDisk(percent, bytes))
            .ShouldBe(expected);

    [Fact]
    public void Every_directory_of_the_server_on_this_machine_is_found() =>
        Paths(DiskSpace.Look([Data, Log, Space], Read())).ShouldBe(["/data", "/data/pg_wal", "/fast"]);

    [Fact]
    public void A_data_directory_missing_on_this_machine_means_a_remote_server()
    {
        DiskSpace.Seen seen = DiskSpace.Look([Data, Log, Space], Read("/data", "/data/pg_wal"));

        Paths(seen).ShouldBeEmpty();
        seen.SeesLog.ShouldBeFalse();
    }

    [Fact]
    public void An_unreadable_WAL_directory_leaves_other_volumes_watched()
    {
        DiskSpace.Seen seen = DiskSpace.Look([Data, Log, Space], Read("/data/pg_wal"));

        Paths(seen).ShouldBe(["/data", "/fast"]);
        seen.SeesLog.ShouldBeFalse();
    }

    [Fact]
    public void An_unreadable_tablespace_beside_readable_data_is_an_error() =>
        Should.Throw<UnauthorizedAccessException>(() => DiskSpace.Look([Data, Log, Space], Read("/fast")));

    [Fact]
    public void A_role_that_may_not_see_the_data_directory_watches_the_tablespaces_it_can_read()
    {
        Paths(DiskSpace.Look([Space], Read())).ShouldBe(["/fast"]);
        Paths(DiskSpace.Look([Space], Read("/fast"))).ShouldBeEmpty();
        DiskSpace.Look([Space], Read()).SeesLog.ShouldBeFalse();
    }

    private static IEnumerable<string> Paths(DiskSpace.Seen seen) => seen.Volumes.Select(volume => volume.Path);

    private static Func<ServerPlace, Volume> Read(params string[] closed) =>
        place =>
            closed.Contains(place.Path)
                ? throw new UnauthorizedAccessException(place.Path)
                : new Volume(place.Holds, place.Path, 1, 1);
}
