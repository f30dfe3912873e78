using Segue.Changes;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>The expression that fills the existing rows of a new column.</summary>
/// <param name="Key">Where the change file says it.</param>
internal sealed record FillSource(string Key, string Expression)
{
    private const string Derive = "derive";

    /// <summary>The column follows its sources from then on.</summary>
    public bool IsDerived => Key == Derive;

    /// <summary>Null if the server gives the existing rows their value, or they get none.</summary>
    /// <param name="defaultIsMetadata">The default reaches them without a write.</param>
    /// <param name="backfillIsConstant">The backfill does so.</param>
    public static FillSource? Of(AddColumn change, bool defaultIsMetadata, bool backfillIsConstant) =>
        change switch
        {
            { Derive: { } derive } => new FillSource(Derive, derive),
            { Backfill: { } backfill } when !backfillIsConstant => new FillSource("backfill", backfill),
            { Backfill: null, Default: { } volatileDefault } when !defaultIsMetadata => new FillSource(
                "default",
                volatileDefault
            ),
            _ => null,
        };
}
