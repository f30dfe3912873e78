namespace Segue.Changes;

/// <summary>
/// A feature that a key of a change file needs and that not every server has. An engine lists the features it offers; a
/// change that needs another one is refused at that key.
/// </summary>
public enum ServerFeature
{
    /// <summary>How finely values of a column are sampled.</summary>
    StatisticsTargets,

    /// <summary>How a column's large values are stored.</summary>
    ColumnStorage,

    /// <summary>How a column's large values are compressed.</summary>
    ColumnCompression,

    /// <summary>Parameters of how a table or an index is stored.</summary>
    StorageParameters,

    /// <summary>Places for tables and indexes.</summary>
    Tablespaces,

    /// <summary>Tables that are empty after a crash.</summary>
    UnloggedTables,

    /// <summary>Whether two NULLs of a unique key count as the same value.</summary>
    NullsNotDistinct,

    /// <summary>Columns that an index stores beside its key.</summary>
    IncludedColumns,

    /// <summary>Operator classes of an index's columns.</summary>
    OperatorClasses,

    /// <summary>Indexes over some of the rows.</summary>
    PartialIndexes,

    /// <summary>Constraints that are checked when a transaction ends.</summary>
    DeferrableConstraints,

    /// <summary>A foreign key that sets some of its columns when the parent's row is deleted.</summary>
    ForeignKeyDeleteColumns,

    /// <summary>How NULLs count in a foreign key of several columns.</summary>
    ForeignKeyMatch,

    /// <summary>Sessions that say which application they belong to.</summary>
    NamedSessions,

    /// <summary>A CHECK that child tables do not inherit.</summary>
    InheritedChecks,
}
