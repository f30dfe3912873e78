namespace Segue.Changes;

/// <summary>One method per change kind, so an implementation handles them all.</summary>
public interface IOperationVisitor<out T>
{
    T Visit(AddColumn operation);

    T Visit(AlterColumn operation);

    T Visit(CreateIndex operation);

    T Visit(DropIndex operation);

    T Visit(RenameIndex operation);

    T Visit(ReplaceIndex operation);

    T Visit(Reindex operation);

    T Visit(AddCheck operation);

    T Visit(AddForeignKey operation);

    T Visit(AddUnique operation);

    T Visit(AddPrimaryKey operation);

    T Visit(AddExclusion operation);

    T Visit(DropConstraint operation);

    T Visit(RenameConstraint operation);

    T Visit(BackfillRows operation);

    T Visit(PruneRows operation);

    T Visit(RawSql operation);

    T Visit(CreateEnumType operation);

    T Visit(AddEnumValue operation);

    T Visit(RenameEnumValue operation);

    T Visit(CreateDomain operation);

    T Visit(AlterDomain operation);

    T Visit(SetOptions operation);

    T Visit(AttachPartition operation);

    T Visit(DetachPartition operation);

    T Visit(CreateTable operation);

    T Visit(RenameTable operation);

    T Visit(DropTable operation);
}
