namespace Segue.Yaml;

/// <summary>The mistakes found in one file so far.</summary>
internal sealed class Problems(string file)
{
    // More would help nobody, and a file of a megabyte can hold a hundred thousand.
    private const int Most = 100;

    private readonly List<FileError> _errors = [];

    public string File => file;

    /// <summary>The number of all mistakes, also those that are not kept.</summary>
    public int Count { get; private set; }

    public bool None => Count == 0;

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<FileError> InOrder => [.. _errors.OrderBy(error => error.Line).ThenBy(error => error.Column)];

    public void Add(Position at, string message, string remedy)
    {
        Count++;
        if (_errors.Count < Most)
        {
            _errors.Add(new FileError(file, at.Line, at.Column, message, remedy));
        }
    }
}
