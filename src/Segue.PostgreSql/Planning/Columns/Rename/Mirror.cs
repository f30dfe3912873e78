using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns.Rename;

/// <summary>
/// A column that is renamed, and its mirror: a second column with the new name, which always has the same value. The
/// column itself stays the one with all constraints, indexes and dependent objects; completing the change drops the
/// mirror and gives the column its name.
/// </summary>
internal sealed record Mirror
{
    public required Table Table { get; init; }

    public required ExistingColumn Old { get; init; }

    /// <summary>The name of the mirror, and of the column once the change is completed.</summary>
    public required string NewName { get; init; }

    /// <summary>
    /// The value of a column that a statement does not give, as an expression: the same for both columns. Null: NULL.
    /// </summary>
    public required string? Default { get; init; }

    /// <summary>
    /// A default, or an identity, that gives another value each time or that may fail: the mirror has none.
    /// </summary>
    public bool DefaultVaries => Default is null && (Old.IsIdentity || Old.Default is not null);

    /// <summary>Foreign keys may write the column by themselves: that is no write of old code.</summary>
    public required bool IsWrittenByKeys { get; init; }

    public string OldSql => Sql.Name(Old.Name);

    public string NewSql => Sql.Name(NewName);

    /// <summary>The type with its collation.</summary>
    public string Definition => $"{NewSql} {Old.Type}{Collate}";

    private string Collate => Old.Collation is { } collation ? $" COLLATE {collation}" : "";

    /// <summary>The mirror as a column that is filled from the other.</summary>
    public NewColumn Column =>
        new()
        {
            Change = new AddColumn
            {
                Table = new TableName(Table.Schema, Table.Name),
                Name = NewName,
                Type = Old.Type,
                Derive = OldSql,
            },
            Type = Old.Type,
            Collate = Collate,
            TypeRewrites = false,
            IsComposite = Old.IsComposite,
            TypeHasDefault = false,
            DefaultIsMetadata = true,
            BackfillIsConstant = false,
            Fill = new Fill
            {
                Expression = OldSql,
                Sources = [Old.Name],
                Reads = [],
                IsImmutable = true,
                IsVolatile = false,
                IsFree = true,
            },
            Names = new ConstraintNames("", "", "", "", ""),
        };

    /// <summary>A condition on a new row: as far as it shows, its statement did not give the mirror a value.</summary>
    public string IsNotGiven =>
        Default is null
            ? Column.IsNull($"NEW.{NewSql}")
            : Conditions.AreSame($"NEW.{NewSql}", $"{Sql.Parenthesised(Default)}::{Old.Type}");
}
