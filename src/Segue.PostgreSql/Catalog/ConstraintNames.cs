namespace Segue.PostgreSql.Catalog;

/// <summary>Names as a plain <c>ALTER TABLE</c> would have chosen them.</summary>
internal sealed record ConstraintNames(string Check, string ForeignKey, string Unique, string Index, string NotNull);
