namespace Segue.Changes;

/// <summary>One method per change kind: whoever implements it handles them all.</summary>
public interface IOperationVisitor<out T>
{
    T Visit(AddColumn operation);

    T Visit(CreateIndex operation);

    T Visit(DropIndex operation);

    T Visit(RenameIndex operation);

    T Visit(AddCheck operation);

    T Visit(AddForeignKey operation);

    T Visit(AddUnique operation);

    T Visit(AddPrimaryKey operation);

    T Visit(AddExclusion operation);

    T Visit(DropConstraint operation);

    T Visit(RenameConstraint operation);

    T Visit(CreateTable operation);

    T Visit(RenameTable operation);

    T Visit(DropTable operation);
}
