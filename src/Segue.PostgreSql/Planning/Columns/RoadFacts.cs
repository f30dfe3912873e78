using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>Facts that the road depends on besides the columns.</summary>
/// <param name="IsSmall">So small that one short transaction does everything.</param>
/// <param name="ChangeOwner">Our role is not the table's owner, but may make the owner the owner of the trigger's
/// function.</param>
internal sealed record RoadFacts(string Change, ServerFacts Server, bool IsSmall, bool ChangeOwner);
