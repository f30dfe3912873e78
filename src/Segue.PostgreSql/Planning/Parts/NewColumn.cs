using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// A column that is added, or an existing one whose NULLs get values, with the server's answers for the planner.
/// </summary>
internal sealed record NewColumn
{
    public required AddColumn Change { get; init; }

    /// <summary>The type as the server spells it.</summary>
    public required string Type { get; init; }

    /// <summary>The collation clause with its leading blank, or nothing.</summary>
    public required string Collate { get; init; }

    /// <summary>True when adding the bare type rewrites the table: a domain with constraints.</summary>
    public required bool TypeRewrites { get; init; }

    /// <summary>A row type: its IS NULL checks the fields.</summary>
    public required bool IsComposite { get; init; }

    /// <summary>A domain with a default of its own, which existing and new rows get as well.</summary>
    public required bool TypeHasDefault { get; init; }

    /// <summary>True when the default costs no rewrite: the server keeps one value for all existing rows.</summary>
    public required bool DefaultIsMetadata { get; init; }

    /// <summary>True when the backfill is one value for all rows, and costs no rewrite as a default.</summary>
    public required bool BackfillIsConstant { get; init; }

    /// <summary>The expression each existing row is filled with; null when no row has to be written.</summary>
    public required Fill? Fill { get; init; }

    /// <summary>Null without a CHECK.</summary>
    public PlannedCheck? Check { get; init; }

    /// <summary>Null without an index.</summary>
    public IndexDefinition? Index { get; init; }

    public required ConstraintNames Names { get; init; }

    /// <summary>The index that is built for it, possibly for a constraint.</summary>
    public string IndexName => Change.Unique ? Names.Unique : Names.Index;

    /// <summary>Numbers the rows of an identity column until it is one; qualified and quoted.</summary>
    public string? TemporarySequence { get; init; }

    /// <summary>It exists already: only its NULLs and NOT NULL are changed.</summary>
    public bool IsThere { get; init; }

    /// <summary>The operation it comes from, for messages.</summary>
    public string Title => IsThere ? $"alter_column {Change.Table}.{Name}" : Change.Title;

    public string Name => Change.Name;

    public string Sql => PostgreSql.Connections.Sql.Name(Change.Name);

    /// <summary>A condition on a row: it has no value, and the expression gives one.</summary>
    public string CanBeFilled =>
        $"({IsNull(Sql)} AND {IsNotNull(PostgreSql.Connections.Sql.Parenthesised(Fill!.Expression))})";

    /// <summary>A condition on a row: a fill should have filled it and did not.</summary>
    public string IsLeft => Change.Nullable ? CanBeFilled : IsNull(Sql);

    public bool IsDerived => Change.Derive is not null;

    /// <summary>Old code's new rows get a value without the trigger.</summary>
    public bool HasDefault => Change.Default is not null || Change.Identity is not null || TypeHasDefault;

    /// <summary>The default only serves old code and is dropped after the gate.</summary>
    public bool HasTemporaryDefault => BackfillIsConstant && !HasDefault;

    /// <summary>A condition on a value of the column's type: it is NULL.</summary>
    public string IsNull(string value) => Conditions.IsNullValue(value, IsComposite);

    public string IsNotNull(string value) => Conditions.IsNoNullValue(value, IsComposite);
}

/// <summary>How rows get their value.</summary>
internal sealed record Fill
{
    public required string Expression { get; init; }

    /// <summary>The table's columns the expression reads.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Other relations it reads.</summary>
    public required IReadOnlyList<string> Reads { get; init; }

    /// <summary>Functions it calls, as the server prints them, without those of the system.</summary>
    public IReadOnlyList<string> Functions { get; init; } = [];

    /// <summary>The same row always gives the same value, whatever the session's settings.</summary>
    public required bool IsImmutable { get; init; }

    /// <summary>Two evaluations may return different values, so it is evaluated once per row.</summary>
    public required bool IsVolatile { get; init; }

    /// <summary>
    /// It computes something from columns whose values the server may keep outside the row, which is expensive if they
    /// are there.
    /// </summary>
    public bool ReadsToast { get; init; }

    /// <summary>Its meaning and value depend on no setting, as far as the server's parse tree shows.</summary>
    public bool IsFree { get; init; }

    /// <summary>Settings of the extensions that it uses, with our session's values.</summary>
    public IReadOnlyDictionary<string, string> ExtensionSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// What it reads of the session that evaluates it, such as <c>current_setting</c>, and users' functions that do.
    /// </summary>
    public IReadOnlyList<string> ReadsOfSession { get; init; } = [];

    /// <summary>It reads the clock, which stands still only within a transaction.</summary>
    public bool MovesWithClock { get; init; }

    /// <summary>The next number of a sequence.</summary>
    public static Fill Numbers(string sequence) =>
        new()
        {
            Expression = $"nextval({PostgreSql.Connections.Sql.Literal(sequence)}::regclass)",
            Sources = [],
            Reads = [],
            IsImmutable = false,
            IsVolatile = true,
            IsFree = true,
        };
}
