using System.Text.Json.Nodes;
using Segue.Changes.Files;

namespace Segue.PostgreSql.Tests;

/// <summary><c>./test.sh --kind</c> finds tests by the trait of their class.</summary>
public class KindTraitsTests
{
    [Fact]
    public void Every_kind_of_a_change_file_has_tests_of_its_own()
    {
        JsonNode schema = JsonNode.Parse(ChangeSchema.Text)!;
        IEnumerable<string> kinds = schema["properties"]!["operations"]!["items"]!["properties"]!
            .AsObject()
            .Select(kind => kind.Key);

        IEnumerable<string?> tested = typeof(KindTraitsTests)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributesData())
            .Where(attribute => attribute.AttributeType == typeof(TraitAttribute))
            .Where(attribute => (string?)attribute.ConstructorArguments[0].Value == "kind")
            .Select(attribute => (string?)attribute.ConstructorArguments[1].Value);

        kinds.ShouldBe(tested.Distinct(), ignoreOrder: true);
    }
}
