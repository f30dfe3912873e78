using System.Text;

namespace Segue.Cli.Sheets;

/// <summary>
/// A stream that a file, a pipe or nothing at all stands behind. A full volume is an <see cref="IOException"/> of .NET,
/// a closed stream an <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal sealed class RedirectedWriter : TextWriter
{
    private readonly TextWriter _writer;
    private readonly Action<string> _failed;

    private RedirectedWriter(TextWriter writer, Action<string> failed) => (_writer, _failed) = (writer, failed);

    public override Encoding Encoding => _writer.Encoding;

    /// <summary>
    /// A log that cannot be written must not end a change: the ledger has everything that it would have shown.
    /// </summary>
    public static RedirectedWriter OfLog(TextWriter writer) => new(writer, _ => { });

    /// <summary>A result that cannot be written is an <see cref="IOException"/> in words.</summary>
    public static RedirectedWriter OfResults(TextWriter writer) =>
        new(writer, reason => throw new IOException($"stdout cannot be written: {reason}."));

    public override void Write(char value) => Try(() => _writer.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => _writer.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => _writer.Write(value));

    public override void Flush() => Try(_writer.Flush);

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException error)
        {
            _failed(error.Message);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or ObjectDisposedException)
        {
            _failed("it is closed");
        }
    }
}
