using Segue.Changes.Files;

namespace Segue.Tests.Changes;

public sealed class ChangeCheckTests : IDisposable
{
    private const string Valid = "operations:\n  - drop_table: { table: orders }\n";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory();

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Mistakes_of_all_files_are_found_with_their_lines()
    {
        Write("0001_good", Valid);
        Write("0002_bad", "operations:\n  - drop_tabel: { table: orders }\n");
        Write("0003_bad", "operations:\n  - drop_table: { tabel: orders }\n");

        IReadOnlyList<CheckedChange> found = Check();

        found.Select(change => change.IsValid).ShouldBe([true, false, false]);
        found.SelectMany(change => change.Errors).Select(error => error.Line).ShouldBe([2, 2]);
    }

    [Fact]
    public void Two_changes_with_one_number_are_found()
    {
        Write("0001_a", Valid);
        Write("0001_b", Valid);

        Check()[1].Errors.ShouldHaveSingleItem().Message.ShouldBe("0001_a has the same number");
    }

    [Fact]
    public void Change_numbers_whose_text_order_differs_are_reported()
    {
        Write("10_a", Valid);
        Write("9_b", Valid);

        Check()[1]
            .Errors.ShouldHaveSingleItem()
            .Message.ShouldBe("its number is lower than that of 10_a, and its name sorts after it");
    }

    private void Write(string name, string text) =>
        File.WriteAllText(Path.Combine(_directory.FullName, $"{name}.yaml"), text);

    private IReadOnlyList<CheckedChange> Check() =>
        ChangeCheck.Of(new ChangeDirectory(_directory.FullName).List().ShouldBeOfType<ChangeListing.Listed>().Files);
}
