using Segue.Changes;

namespace Segue.Planning.Assembly;

/// <summary>Operations of a change that are planned together.</summary>
public abstract record OperationGroup
{
    private OperationGroup() { }

    /// <summary>In the order they stand in the change; at least one.</summary>
    public abstract IReadOnlyList<Operation> Operations { get; }

    /// <summary>Calls the visitor's method for this group.</summary>
    public abstract T Accept<T>(IGroupVisitor<T> visitor);

    /// <summary>All new and altered columns of one table: one transaction and one fill for them all.</summary>
    public sealed record Columns(IReadOnlyList<ColumnOperation> OfTable) : OperationGroup
    {
        /// <inheritdoc/>
        public override IReadOnlyList<Operation> Operations => OfTable;

        /// <inheritdoc/>
        public override T Accept<T>(IGroupVisitor<T> visitor) => visitor.Visit(this);
    }

    /// <summary>All dropped tables: all their foreign keys are dropped before the first table.</summary>
    public sealed record Drops(IReadOnlyList<DropTable> Tables) : OperationGroup
    {
        /// <inheritdoc/>
        public override IReadOnlyList<Operation> Operations => Tables;

        /// <inheritdoc/>
        public override T Accept<T>(IGroupVisitor<T> visitor) => visitor.Visit(this);
    }

    /// <summary>Backfills of one table that follow each other without anything between.</summary>
    public sealed record Rows(IReadOnlyList<BackfillRows> Run) : OperationGroup
    {
        /// <inheritdoc/>
        public override IReadOnlyList<Operation> Operations => Run;

        /// <inheritdoc/>
        public override T Accept<T>(IGroupVisitor<T> visitor) => visitor.Visit(this);
    }

    /// <summary>Planned by itself.</summary>
    public sealed record Alone(Operation Operation) : OperationGroup
    {
        /// <inheritdoc/>
        public override IReadOnlyList<Operation> Operations => [Operation];

        /// <inheritdoc/>
        public override T Accept<T>(IGroupVisitor<T> visitor) => visitor.Visit(this);
    }
}

/// <summary>One method per group.</summary>
public interface IGroupVisitor<out T>
{
    /// <summary>Columns of a table.</summary>
    T Visit(OperationGroup.Columns group);

    /// <summary>Dropped tables.</summary>
    T Visit(OperationGroup.Drops group);

    /// <summary>A run of backfills.</summary>
    T Visit(OperationGroup.Rows group);

    /// <summary>One operation.</summary>
    T Visit(OperationGroup.Alone group);
}
