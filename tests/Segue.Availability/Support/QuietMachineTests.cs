using System.Reflection;

namespace Segue.Availability.Support;

public class QuietMachineTests
{
    /// <summary><c>test.sh</c> runs them by that trait when everything else is done.</summary>
    [Fact]
    public void Tests_that_measure_what_apps_feel_and_only_those_have_the_trait_that_they_run_by()
    {
        foreach (Type type in typeof(QuietMachineTests).Assembly.GetTypes())
        {
            bool measures = Of(type, "CollectionAttribute").Any(name => name is [QuietMachine.Name]);
            bool runsAlone = Of(type, "TraitAttribute").Any(trait => trait is ["machine", "quiet"]);
            runsAlone.ShouldBe(measures, type.FullName);
        }
    }

    private static IEnumerable<object?[]> Of(Type type, string attribute) =>
        type.GetCustomAttributesData()
            .Where(data => data.AttributeType.Name == attribute)
            .Select(data => data.ConstructorArguments.Select(argument => argument.Value).ToArray());
}
