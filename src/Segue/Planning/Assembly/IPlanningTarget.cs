using Segue.Changes;

namespace Segue.Planning.Assembly;

/// <summary>What the assembly of a plan asks of the target. The engine answers from the server's catalog.</summary>
public interface IPlanningTarget
{
    /// <summary>The engine's name in plans, in lower case.</summary>
    string Engine { get; }

    /// <summary>The server as people write it, e.g. its product and major version.</summary>
    string Product { get; }

    /// <summary>What the server has of all that keys of a change file can ask for.</summary>
    IReadOnlySet<ServerFeature> Features { get; }

    /// <summary>The server's major version.</summary>
    int MajorVersion { get; }

    /// <summary>The schemas that names without one resolve to, in order.</summary>
    IReadOnlyList<string> SearchPath { get; }

    /// <summary>The limits as far as this server allows them.</summary>
    Limits Clamp(Limits wanted);

    /// <summary>What tells the table apart from others; null where there is none of that name.</summary>
    Task<string?> IdentityAsync(TableName table);

    /// <summary>
    /// The definitions of the relations: lines for tables, columns, constraints, indexes, triggers. A line begins with
    /// its kind, a blank, the relation and a blank, e.g. <c>table "public"."orders" </c> or <c>index </c>: indexes that
    /// come and go are no drift, and a plan's shape tells tables from parts of a partition by these words.
    /// </summary>
    Task<IReadOnlyList<string>> FingerprintAsync(IReadOnlyList<string> relations);

    /// <summary>Those of the relations that are partitions, with the root of each; qualified and quoted.</summary>
    Task<IReadOnlyDictionary<string, string>> PartitionsAsync(IReadOnlyList<string> relations);

    /// <summary>The steps of all operations, where the engine can do several in one.</summary>
    IReadOnlyList<StagedStep> Join(IReadOnlyList<StagedStep> steps);
}
