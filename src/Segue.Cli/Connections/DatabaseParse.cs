namespace Segue.Cli.Connections;

/// <summary>What came of reading a URL or connection string. No message repeats any of its values.</summary>
internal abstract record DatabaseParse
{
    private DatabaseParse() { }

    public sealed record Postgres(DatabaseTarget Target) : DatabaseParse;

    public sealed record Invalid(string What, string Remedy) : DatabaseParse;
}
