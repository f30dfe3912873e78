using System.Text.Json.Nodes;
using Segue.Changes;
using Segue.Changes.Files;

namespace Segue.Tests.Changes;

public sealed class ChangeSchemaTests
{
    public static TheoryData<string> Right =>
        new()
        {
            "operations: [{ add_column: { table: orders, name: c, type: int } }]",
            "operations: [{ add_column: { table: { schema: a, name: b }, name: 2024, type: int, default: "
                + "0, nullable: false } }]",
            "description: 5\noperations: [{ add_column: { table: t, name: c, type: int, default: false, "
                + "backfill: 1.5, check: c > 0, unique: true } }]",
            "operations: [{ add_column: { table: t, name: c, type: int, references: { table: p, on_delete: "
                + "set_null, deferrable: true } } }]",
            "operations: [{ add_column: { table: t, name: c, type: int, identity: {} } }]",
            "operations: [{ add_column: { table: t, name: c, type: int, identity: { start: -5, cache: 1, "
                + "cycle: true } } }]",
            "operations: [{ add_column: { table: t, name: c, type: int, generated: { expression: a + 1, "
                + "stored: true } } }]",
        };

    public static TheoryData<string> Wrong =>
        new()
        {
            "description: a",
            "operations: []",
            "operations: [{}]",
            "operations: [{ add_colum: {} }]",
            "operations: [{ add_column: { table: orders, name: c } }]",
            "operations: [{ add_column: { table: orders, name: c, type: int, nulable: true } }]",
            "operations: [{ add_column: { table: orders, name: c, type: int, nullable: maybe } }]",
            "operations: [{ add_column: { table: orders, name: c, type: int, default: null } }]",
            "operations: [{ add_column: { table: { schema: a }, name: c, type: int } }]",
            "operations: [{ add_column: { table: orders, name: '', type: int } }]",
            "operations: [{ add_column: { table: orders, name: c, type: int, backfill: 1, derive: 2 } }]",
            "operations: [{ add_column: { table: orders, name: c, type: int, identity: {}, default: 2 } }]",
            "operations: [{ add_column: { table: orders, name: c, type: int, identity: { cache: 0 } } }]",
            "operations: [{ add_column: { table: orders, name: c, type: int, references: { table: p, "
                + "on_delete: nothing } } }]",
        };

    private static JsonObject AddColumn =>
        JsonNode.Parse(ChangeSchema.Text)!["properties"]!["operations"]!["items"]!["properties"]![
            "add_column"
        ]!.AsObject();

    [Theory]
    [MemberData(nameof(Right))]
    public void The_schema_accepts_what_the_reader_accepts(string yaml)
    {
        ChangeFileReader.ReadText("a.yaml", yaml).ShouldBeOfType<ChangeFileResult.Read>();
        JsonSchemaCheck.Accepts(ChangeSchema.Text, yaml).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void The_reader_refuses_what_the_schema_refuses(string yaml)
    {
        ChangeFileReader.ReadText("a.yaml", yaml).ShouldBeOfType<ChangeFileResult.Invalid>();
        JsonSchemaCheck.Accepts(ChangeSchema.Text, yaml).ShouldBeFalse();
    }

    [Fact]
    public void Every_property_of_the_record_has_a_key_and_every_key_a_description()
    {
        JsonObject keys = AddColumn["properties"]!.AsObject();
        IEnumerable<string> properties = typeof(AddColumn)
            .GetProperties()
            .Where(property => property.SetMethod is not null)
            .Select(property => property.Name.ToLowerInvariant());
        keys.Select(key => key.Key.Replace("_", "")).ShouldBe(properties, ignoreOrder: true);
        keys.ShouldAllBe(key =>
            ((string)key.Value!["description"]!).EndsWith('.') || ((string)key.Value!["description"]!).EndsWith('"')
        );
    }

    [Fact]
    public void Every_example_is_one_the_schema_takes() =>
        AddColumn["properties"]!
            .AsObject()
            .Where(key => key.Value!["examples"] is not null)
            .SelectMany(key =>
                key.Value!["examples"]!.AsArray().Select(example => (Key: key.Value.AsObject(), Example: example))
            )
            .ShouldAllBe(pair => JsonSchemaCheck.Accepts(pair.Key, pair.Example));

    [Fact]
    public void The_schema_shows_the_defaults_of_the_record()
    {
        ((bool)AddColumn["properties"]!["nullable"]!["default"]!).ShouldBeTrue();
        ((string)AddColumn["properties"]!["references"]!["properties"]!["on_delete"]!["default"]!).ShouldBe(
            "no_action"
        );
    }

    [Fact]
    public void The_schema_names_its_draft() =>
        ((string)JsonNode.Parse(ChangeSchema.Text)!["$schema"]!).ShouldBe(
            "https://json-schema.org/draft/2020-12/schema"
        );
}
