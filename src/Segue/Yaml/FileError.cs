namespace Segue.Yaml;

/// <summary>One mistake in a file a person wrote, with the way out. Never holds a secret from the file.</summary>
/// <param name="File">The path.</param>
/// <param name="Line">From 1; 0 when the mistake is the file itself (missing, too large, badly named).</param>
/// <param name="Column">From 1; 0 as for <paramref name="Line"/>.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record FileError(string File, int Line, int Column, string Message, string Remedy)
{
    /// <summary>
    /// Two lines: <c>file:line:column: message</c>, as editors and CI understand it, then the remedy, indented.
    /// </summary>
    public override string ToString() =>
        Line == 0
            ? $"{ShownPath.Of(File)}: {Message}\n  {Remedy}"
            : $"{ShownPath.Of(File)}:{Line}:{Column}: {Message}\n  {Remedy}";
}
