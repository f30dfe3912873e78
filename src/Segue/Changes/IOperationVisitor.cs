namespace Segue.Changes;

/// <summary>One method per change kind: whoever implements it handles them all.</summary>
public interface IOperationVisitor<out T>
{
    T Visit(AddColumn operation);
}
