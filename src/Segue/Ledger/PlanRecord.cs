namespace Segue.Ledger;

/// <summary>The ledger's record of the plan that a change was begun with.</summary>
/// <param name="Json">As it was stored.</param>
public sealed record PlanRecord(string Change, ChangeStatus Status, string Json);
