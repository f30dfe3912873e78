namespace Segue.Changes;

/// <summary>A name or an expression by which an operation reads columns of its table.</summary>
/// <param name="Text">A column's exact name, or an SQL expression over the row.</param>
/// <param name="Lasts">
/// True where what the operation creates goes on reading it, as an index or a CHECK does. False where only the
/// operation itself reads it, as a backfill does.
/// </param>
public sealed record ColumnReading(string Text, bool Lasts)
{
    /// <summary>Texts that only the operation itself reads; nulls are left out.</summary>
    public static IEnumerable<ColumnReading> Once(params IEnumerable<string?> texts) => Of(texts, lasts: false);

    /// <summary>Texts that what it creates goes on reading; nulls are left out.</summary>
    public static IEnumerable<ColumnReading> Lasting(params IEnumerable<string?> texts) => Of(texts, lasts: true);

    private static IEnumerable<ColumnReading> Of(IEnumerable<string?> texts, bool lasts) =>
        texts.OfType<string>().Select(text => new ColumnReading(text, lasts));

    /// <summary>True where the text has the name as a whole word, however it is written.</summary>
    public bool Names(string name)
    {
        for (
            int at = Text.IndexOf(name, StringComparison.OrdinalIgnoreCase);
            at >= 0;
            at = Text.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase)
        )
        {
            int end = at + name.Length;
            if ((at == 0 || !IsOfName(Text[at - 1])) && (end == Text.Length || !IsOfName(Text[end])))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOfName(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '$';
}
