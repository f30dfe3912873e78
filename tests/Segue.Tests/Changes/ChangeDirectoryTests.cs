using Segue.Changes.Files;

namespace Segue.Tests.Changes;

public sealed class ChangeDirectoryTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("segue").FullName;

    private ChangeDirectory Changes => new(_path);

    [Fact]
    public void Files_are_listed_in_the_order_of_their_names()
    {
        Put("0010_b.yaml", "0009_c.yml", "B.yaml", "a.yaml", "0009_a.yaml");
        Names().ShouldBe(["0009_a", "0009_c", "0010_b", "B", "a"]);
    }

    [Fact]
    public void Other_files_are_not_listed()
    {
        Put("0001_a.yaml", "README.md", "segue.schema.json", ".hidden.yaml", "0002_b.yaml~");
        Directory.CreateDirectory(Path.Combine(_path, "0003_c.yaml"));
        Names().ShouldBe(["0001_a"]);
    }

    [Fact]
    public void An_empty_directory_lists_nothing() => Names().ShouldBeEmpty();

    [Fact]
    public void A_missing_directory_is_reported()
    {
        ChangeDirectory missing = new(Path.Combine(_path, "nowhere"));
        missing.List().ShouldBeOfType<ChangeListing.Invalid>().Error.Message.ShouldBe("there is no such directory");
        missing.Find("a").ShouldBeOfType<ChangeLookup.NotFound>().Error.Message.ShouldBe("there is no such directory");
    }

    [Theory]
    [InlineData("0001_a.yaml", "0001_a.yml")]
    [InlineData("0001_a.yaml", "0001_A.yaml")]
    public void Two_files_of_one_name_are_refused(string one, string other)
    {
        Put(one, other);
        Changes
            .List()
            .ShouldBeOfType<ChangeListing.Invalid>()
            .Error.Message.ShouldStartWith("the change's name is the same as that of ");
    }

    [Theory]
    [InlineData("0007_orders")]
    [InlineData("0007_orders.yaml")]
    [InlineData("0007")]
    [InlineData("0007_orders_currency_c", "0007_orders_currency_code")]
    public void A_change_is_found_by_name_or_by_a_unique_prefix(string wanted, string expected = "0007_orders")
    {
        Put("0007_orders.yaml", expected.Length > 11 ? $"{expected}.yaml" : "0008_b.yaml");
        Changes.Find(wanted).ShouldBeOfType<ChangeLookup.Found>().File.Name.ShouldBe(expected);
    }

    [Fact]
    public void A_change_is_found_by_path_outside_of_the_directory_too()
    {
        string elsewhere = Path.Combine(_path, "0001_a.yaml");
        Put("0001_a.yaml");
        new ChangeDirectory(Directory.CreateDirectory(Path.Combine(_path, "empty")).FullName)
            .Find(elsewhere)
            .ShouldBeOfType<ChangeLookup.Found>()
            .File.ShouldBe(new ChangeFile("0001_a", elsewhere));
    }

    [Fact]
    public void An_ambiguous_prefix_of_a_name_is_refused_with_the_matching_names()
    {
        Put("0007_a.yaml", "0007_b.yaml", "0008_c.yaml");
        Lost("0007").ShouldBe("'0007' matches several changes: 0007_a, 0007_b");
    }

    [Fact]
    public void A_misspelt_name_is_reported_with_the_nearest_name()
    {
        Put("0007_orders_currency.yaml");
        Lost("0007_order_curency")
            .ShouldBe("there is no change '0007_order_curency'; did you mean '0007_orders_currency'?");
        Lost("x").ShouldBe("there is no change 'x'");
        Lost("").ShouldBe("there is no change ''");
    }

    [Fact]
    public void The_next_name_follows_the_highest_number()
    {
        Changes.NextName("orders_currency").ShouldBe("0001_orders_currency");
        Put("0002_b.yaml", "0006_a.yaml", "readme.yaml", "0099_notes.txt");
        Changes.NextName("orders currency!").ShouldBe("0007_orders_currency");
        Changes.NextName("Ü").ShouldBe("0007");
    }

    [Fact]
    public void The_next_name_keeps_the_width_of_the_numbers()
    {
        Put("007_a.yaml", "99999999999999999999_b.yaml");
        Changes.NextName("x").ShouldBe("008_x");
    }

    [Fact]
    public void The_next_name_is_a_valid_change_name()
    {
        string name = Changes.NextName(new string('-', 300) + "/../");
        ChangeFileReader
            .ReadText($"{name}.yaml", "operations: [{ add_column: { table: t, name: c, type: int } }]")
            .ShouldBeOfType<ChangeFileResult.Read>();
    }

    [Fact]
    public void The_next_name_in_a_missing_directory_is_the_first() =>
        new ChangeDirectory(Path.Combine(_path, "nowhere")).NextName("a").ShouldBe("0001_a");

    public void Dispose() => Directory.Delete(_path, recursive: true);

    private IEnumerable<string> Names() =>
        Changes.List().ShouldBeOfType<ChangeListing.Listed>().Files.Select(file => file.Name);

    private string Lost(string wanted) => Changes.Find(wanted).ShouldBeOfType<ChangeLookup.NotFound>().Error.Message;

    private void Put(params string[] names)
    {
        foreach (string name in names)
        {
            File.WriteAllText(Path.Combine(_path, name), "");
        }
    }
}
