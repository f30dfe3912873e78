using Segue.Changes;
using Segue.Changes.Files;
using Segue.Changes.Keys;

namespace Segue.Tests.Changes;

public sealed class ChangeTemplateTests
{
    public static TheoryData<string> Kinds => [.. ChangeKind.All.Select(kind => kind.Name)];

    [Theory, MemberData(nameof(Kinds))]
    public void A_template_of_each_kind_is_valid_and_explains_every_key(string name)
    {
        ChangeKind kind = ChangeKind.All.Single(kind => kind.Name == name);

        Operation drafted = Read(ChangeTemplate.Draft(kind, new Dictionary<string, string>()));
        string text = ChangeTemplate.Write("What it is for", drafted);

        ChangeFileWriter.Write(null, [Read(text)]).ShouldBe(ChangeFileWriter.Write(null, [drafted]));
        text.Split('\n').ShouldAllBe(line => line.Length <= 100);
        foreach (ChangeKindKey key in kind.Keys)
        {
            text.ShouldContain(key.Description.Split(' ')[0]);
            text.ShouldMatch($"(?m)^ +(# )?{key.Name}:( [^ ]|$)");
        }
    }

    [Fact]
    public void Given_values_replace_examples_and_typical_keys()
    {
        ChangeKind kind = ChangeKind.All.Single(kind => kind.Name == "alter_column");

        Read(ChangeTemplate.Draft(kind, new Dictionary<string, string> { ["table"] = "bills", ["type"] = "text" }))
            .ShouldBe(
                new AlterColumn
                {
                    Table = new TableName(null, "bills"),
                    Name = "currency",
                    Type = "text",
                }
            );
    }

    private static Operation Read(string text) =>
        ChangeFileReader.ReadText("0001_x.yaml", text) is ChangeFileResult.Read read
            ? read.Change.Operations.ShouldHaveSingleItem()
            : throw new InvalidOperationException(text);
}
