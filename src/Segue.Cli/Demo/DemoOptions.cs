using Segue.Lab.Traffic;

namespace Segue.Cli.Demo;

/// <summary>Options of the demo.</summary>
internal sealed record DemoOptions
{
    public const int DefaultRows = 1_000_000;

    /// <summary>Two cores handle it easily.</summary>
    public const int DefaultRate = 250;

    /// <summary>What goes live.</summary>
    public DemoChange Change { get; init; } = DemoChange.Default;

    /// <summary>How many orders there are at the start.</summary>
    public int Rows { get; init; } = DefaultRows;

    /// <summary>Requests per second, offered whether or not the server keeps up.</summary>
    public int Rate { get; init; } = DefaultRate;

    /// <summary>
    /// PostgreSQL's major version, 14 to 18. Default: an installed one, else the newest in the cache.
    /// </summary>
    public int? Major { get; init; }

    /// <summary>The file of the HTML report.</summary>
    public required string Report { get; init; }

    /// <summary>Leave the server running.</summary>
    public bool Keep { get; init; }

    public DemoTimes Times { get; init; } = new();

    /// <summary>Parent of the server's directory. Default: the system's directory for temporary files.</summary>
    public string? DataRoot { get; init; }

    /// <summary>Additional work of the old application. Default: nothing.</summary>
    public IReadOnlyList<TrafficClient> MoreClients { get; init; } = [];
}

/// <summary>Durations of the parts whose length we choose.</summary>
internal sealed record DemoTimes
{
    /// <summary>Requests before the measurement: caches fill, statements are prepared. Default 2 s.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Traffic without a change, to compare with. Default 8 s.</summary>
    public TimeSpan Baseline { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Old and new application side by side. Default 6 s.</summary>
    public TimeSpan SideBySide { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>The new application alone, before the change is completed. Default 2 s.</summary>
    public TimeSpan NewAlone { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Traffic after the change. Default 4 s.</summary>
    public TimeSpan After { get; init; } = TimeSpan.FromSeconds(4);
}
