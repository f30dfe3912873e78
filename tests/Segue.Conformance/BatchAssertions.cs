using Segue.Engines;
using Shouldly;

namespace Segue.Conformance;

internal static class BatchAssertions
{
    public static BatchResult.Filled ShouldBeFilled(this BatchResult result) =>
        result.ShouldBeOfType<BatchResult.Filled>();
}
