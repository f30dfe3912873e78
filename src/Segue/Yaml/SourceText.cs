using System.Security.Cryptography;
using System.Text;

namespace Segue.Yaml;

/// <summary>A file's text, known to be UTF-8 of a sane size without characters that YAML forbids.</summary>
internal sealed record SourceText(string Text, string Hash)
{
    /// <summary>1 MB: a change file is a page, not a data set.</summary>
    public const int MostBytes = 1_000_000;

    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    /// <returns>Null when something is wrong with it; <paramref name="problems"/> then says what.</returns>
    public static SourceText? FromFile(string path, Problems problems)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[MostBytes + 1];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return FromBytes(bytes.AsSpan(0, length), problems);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            problems.Add(
                Position.WholeFile,
                "there is no such file",
                "Check the path; paths are relative to the working directory."
            );
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            problems.Add(
                Position.WholeFile,
                $"the file cannot be read: {fault.Message}",
                "Make it a regular file that you may read."
            );
        }

        return null;
    }

    public static SourceText? FromBytes(ReadOnlySpan<byte> bytes, Problems problems)
    {
        if (bytes.Length > MostBytes)
        {
            problems.Add(Position.WholeFile, "the file is larger than 1 MB", "Split it into several files.");
            return null;
        }

        string hash = HashOf(bytes);
        ReadOnlySpan<byte> content = bytes.StartsWith(Encoding.UTF8.Preamble)
            ? bytes[Encoding.UTF8.Preamble.Length..]
            : bytes;
        try
        {
            return Printable(Strict.GetString(content), hash, problems);
        }
        catch (DecoderFallbackException)
        {
            string before = Encoding.UTF8.GetString(content[..FirstInvalid(content)]);
            problems.Add(Position.At(before, before.Length), "the file is not UTF-8", "Save it as UTF-8.");
            return null;
        }
    }

    public static SourceText? FromText(string text, Problems problems) =>
        Printable(text, hash: "", problems) is null ? null : FromBytes(Encoding.UTF8.GetBytes(text), problems);

    // A checkout on Windows may turn LF into CRLF; that does not make it another change.
    private static string HashOf(ReadOnlySpan<byte> bytes)
    {
        byte[] kept = new byte[bytes.Length];
        int length = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            bool partOfCrLf = bytes[i] == '\r' && i + 1 < bytes.Length && bytes[i + 1] == '\n';
            if (!partOfCrLf)
            {
                kept[length++] = bytes[i];
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(kept.AsSpan(0, length)));
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out int length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    // https://yaml.org/spec/1.2.2/#51-character-set. YamlDotNet would take a NUL for the end of the file and drop the
    // rest silently.
    private static SourceText? Printable(string text, string hash, Problems problems)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (
                char.IsSurrogate(text[i])
                || (char.IsControl(text[i]) && text[i] is not ('\t' or '\n' or '\r' or '\u0085'))
            )
            {
                problems.Add(
                    Position.At(text, i),
                    $"the character U+{(int)text[i]:X4} is not allowed in YAML",
                    "Remove it, or write it as an escape inside double quotes, e.g. \"\\x1B\"."
                );
                return null;
            }
        }

        return new SourceText(text, hash);
    }
}
