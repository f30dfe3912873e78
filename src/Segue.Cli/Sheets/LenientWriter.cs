using System.Text;

namespace Segue.Cli.Sheets;

/// <summary>
/// A log that cannot be written, because its volume is full or its reader has ended, must not end a change.
/// </summary>
internal sealed class LenientWriter(TextWriter writer) : TextWriter
{
    public override Encoding Encoding => writer.Encoding;

    public override void Write(char value) => Try(() => writer.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => writer.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => writer.Write(value));

    public override void Flush() => Try(writer.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            // The ledger has everything that the log would have shown.
        }
    }
}
