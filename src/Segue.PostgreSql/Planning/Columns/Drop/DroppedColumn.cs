using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Tables.Drop;

namespace Segue.PostgreSql.Planning.Columns.Drop;

/// <summary>A column to be dropped, with its facts.</summary>
internal sealed record DroppedColumn(DropColumn Operation, Table Table, ExistingColumn Column, string Change)
{
    public required ServerFacts Server { get; init; }

    /// <summary>The type is a domain that has a default.</summary>
    public required bool TypeHasDefault { get; init; }

    /// <summary>The type is a domain that rejects NULL, before any trigger could replace it.</summary>
    public required bool TypeRejectsNull { get; init; }

    /// <summary>Of its NOT NULL constraint, from 18 on; else empty.</summary>
    public required string NotNull { get; init; }

    /// <summary>The value that every new row gets by default, as an expression; null if it is none or varies.</summary>
    public string? Constant { get; init; }

    /// <summary>How rows of new code get a value, with <c>down</c>; null without.</summary>
    public NewColumn? Down { get; init; }

    /// <summary>Foreign keys of this column alone.</summary>
    public IReadOnlyList<DroppedKey> Keys { get; init; } = [];

    /// <summary>The server itself writes the column when a parent row is deleted or its key changes.</summary>
    public bool IsWrittenByKey =>
        Keys.Any(key =>
            key.Key.Reference
                is { OnDelete: ReferentialAction.SetNull or ReferentialAction.SetDefault }
                    or {
                        OnUpdate: ReferentialAction.Cascade or ReferentialAction.SetNull or ReferentialAction.SetDefault
                    }
        );

    public string Name => Column.Name;

    public string Sql => PostgreSql.Connections.Sql.Name(Name);

    /// <summary>With its table, for people.</summary>
    public string Title => $"{Table.Schema}.{Table.Name}.{Name}";

    public string Mark => ObjectNames.Mark(Change, $"{Table.Sql}.{Name}");

    /// <summary>Its name while it is kept.</summary>
    public string Kept => ObjectNames.KeptColumn(Mark, Name);

    /// <summary>It is set aside, and can be restored.</summary>
    public bool IsKept => Operation.Keep > TimeSpan.Zero;

    /// <summary>The server gives rows of new code a value.</summary>
    public bool HasDefault =>
        Column is { Default: not null } or { IsIdentity: true } or { IsGenerated: true }
        || TypeHasDefault
        || Operation.Default is not null;

    /// <summary>While it is kept, rows get no value: so it must allow NULL.</summary>
    public bool LosesNotNull => IsKept && Down is not null && Column.IsNotNull;

    public string IsNotNull(string value) => Conditions.IsNoNullValue(value, Column.IsComposite);

    public string IsNull(string value) => Conditions.IsNullValue(value, Column.IsComposite);
}
