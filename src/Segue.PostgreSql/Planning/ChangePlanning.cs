using Segue.Changes;
using Segue.Planning;
using Segue.Planning.Assembly;
using Segue.PostgreSql.Planning.Columns;
using Segue.PostgreSql.Planning.Columns.Drop;
using Segue.PostgreSql.Planning.Columns.Rename;
using Segue.PostgreSql.Planning.Constraints;
using Segue.PostgreSql.Planning.Indexes;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Rows;
using Segue.PostgreSql.Planning.Statements;
using Segue.PostgreSql.Planning.Tables.Create;
using Segue.PostgreSql.Planning.Tables.Drop;
using Segue.PostgreSql.Planning.Tables.Partitions;
using Segue.PostgreSql.Planning.Tables.Rename;
using Segue.PostgreSql.Planning.Tables.Settings;
using Segue.PostgreSql.Planning.Types;

namespace Segue.PostgreSql.Planning;

/// <summary>Plans each kind by its own file, inside the transaction that will be rolled back.</summary>
internal sealed class ChangePlanning(Draft draft)
    : IGroupVisitor<Task<IReadOnlyList<StagedStep>>>,
        IOperationVisitor<Task<IReadOnlyList<StagedStep>>>
{
    public Task<IReadOnlyList<StagedStep>> Visit(OperationGroup.Columns group) =>
        new ColumnPlanning(draft).PlanAsync(group.OfTable);

    public Task<IReadOnlyList<StagedStep>> Visit(OperationGroup.Drops group) =>
        new DropTablePlanning(draft).PlanAsync(group.Tables);

    public Task<IReadOnlyList<StagedStep>> Visit(OperationGroup.Rows group) =>
        new BackfillPlanning(draft).PlanAsync(group.Run);

    public Task<IReadOnlyList<StagedStep>> Visit(OperationGroup.Alone group) => group.Operation.Accept(this);

    public Task<IReadOnlyList<StagedStep>> Visit(AddColumn operation) =>
        new ColumnPlanning(draft).PlanAsync([operation]);

    public Task<IReadOnlyList<StagedStep>> Visit(AlterColumn operation) =>
        new ColumnPlanning(draft).PlanAsync([operation]);

    public Task<IReadOnlyList<StagedStep>> Visit(DropColumn operation) =>
        new DropColumnPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(RenameColumn operation) =>
        new RenameColumnPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(CreateIndex operation) =>
        new IndexPlanning(draft).CreateAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(DropIndex operation) =>
        new ExistingIndexPlanning(draft).DropAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(RenameIndex operation) =>
        new ExistingIndexPlanning(draft).RenameAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(ReplaceIndex operation) =>
        new ReplaceIndexPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(Reindex operation) => new ReindexPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AddCheck operation) => new CheckPlanning(draft).AddAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AddForeignKey operation) =>
        new ForeignKeyPlanning(draft).AddAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AddUnique operation) => new KeyPlanning(draft).AddAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AddPrimaryKey operation) => new KeyPlanning(draft).AddAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AddExclusion operation) =>
        new ExclusionPlanning(draft).AddAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(DropConstraint operation) =>
        new ExistingConstraintPlanning(draft).DropAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(RenameConstraint operation) =>
        new ExistingConstraintPlanning(draft).RenameAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(BackfillRows operation) =>
        new BackfillPlanning(draft).PlanAsync([operation]);

    public Task<IReadOnlyList<StagedStep>> Visit(PruneRows operation) => new PrunePlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(RawSql operation) => new SqlPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(CreateEnumType operation) =>
        new EnumPlanning(draft).CreateAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AddEnumValue operation) => new EnumPlanning(draft).AddAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(RenameEnumValue operation) =>
        new EnumPlanning(draft).RenameAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(CreateDomain operation) =>
        new DomainPlanning(draft).CreateAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AlterDomain operation) =>
        new DomainPlanning(draft).AlterAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(SetOptions operation) =>
        new OptionsPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(AttachPartition operation) =>
        new AttachPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(DetachPartition operation) =>
        new DetachPlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(CreateTable operation) =>
        new CreateTablePlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(RenameTable operation) =>
        new RenameTablePlanning(draft).PlanAsync(operation);

    public Task<IReadOnlyList<StagedStep>> Visit(DropTable operation) =>
        new DropTablePlanning(draft).PlanAsync([operation]);
}
