using Segue.Planning;

namespace Segue.Cli.Rendering;

/// <summary>The purpose of each stage, in a line.</summary>
internal static class StageWords
{
    public static string Of(StageName stage) =>
        stage switch
        {
            StageName.Expand => "the new shape is created beside the old one",
            StageName.Backfill => "existing rows are filled in small batches",
            StageName.Verify => "every row is compared, the verdict is stored",
            StageName.Enforce => "constraints and indexes are added, without blocking",
            StageName.Switch => "a gate: it waits until your apps are ready",
            StageName.Contract => "objects that only old code needed are dropped",
            _ => "",
        };
}
