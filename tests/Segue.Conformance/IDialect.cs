namespace Segue.Conformance;

/// <summary>The few statements that portable cases are made of, as the engine under test says them.</summary>
public interface IDialect
{
    /// <summary>A table with the key <c>id</c>, numbers from 1, and <c>amount</c> with the same number.</summary>
    string Table(string name, int rows);

    /// <summary>A column of whole numbers, filled with the expression.</summary>
    string AddColumn(string table, string column, string expression, bool isRequired);

    string CreateIndex(string name, string table, string column, bool isUnique);
}
