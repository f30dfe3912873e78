using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>What an operation asks for that not every server has.</summary>
internal static class NeededFeatures
{
    /// <returns>Each with the keys that lead to it, outermost first.</returns>
    public static IEnumerable<(IReadOnlyList<string> Keys, ServerFeature Feature)> Of(Operation operation) =>
        OperationValue.Instance.Needs(operation).Select(need => (need.Path, (ServerFeature)need.Need));
}
