using Segue.Ledger;

namespace Segue.Projects;

/// <summary>A change that a person named: its file, what the ledger knows of it, or both.</summary>
/// <param name="Entry">Null: its file does not exist any more.</param>
/// <param name="Record">Null: it was never begun on this database.</param>
public sealed record FoundChange(ChangeEntry? Entry, ChangeRecord? Record)
{
    /// <summary>The change's whole name.</summary>
    public string Name => Entry?.Change.Name ?? Record!.Name;

    /// <summary>
    /// True where the plan is the one it was begun with; false where it is made from the file, as after a rollback.
    /// </summary>
    public bool HasBegunPlan => Record is { } record && (Entry is null || record.Status != ChangeStatus.RolledBack);

    /// <summary>True where its file is not what the change was begun with.</summary>
    public bool IsEdited => HasBegunPlan && Entry is { } entry && Record!.ContentHash != entry.Change.ContentHash;
}
