using System.Diagnostics;
using Npgsql;
using Segue.Lab.Servers;

namespace Segue.Cli.Tests.Docs;

/// <summary>A server for the pages' examples, and a shell in which they are typed.</summary>
public sealed class DocsServer : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly string _directory = Directory.CreateTempSubdirectory("segue-docs-").FullName;
    private PostgresServer _server = null!;
    private DocsCommand _segue = null!;

    public async Task InitializeAsync()
    {
        _segue = await DocsCommand.StartAsync(_directory);
        _server = await PostgresServer.StartAsync(
            new PostgresServerOptions { Settings = new Dictionary<string, string> { ["fsync"] = "off" } }
        );
    }

    public async Task DisposeAsync()
    {
        await _segue.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Runs a page's blocks in order, in a directory and a database of their own.</summary>
    internal async Task RunAsync(DocsPage page)
    {
        string name = Path.GetFileNameWithoutExtension(page.Name).Replace('-', '_').ToLowerInvariant();
        string directory = Directory.CreateDirectory(Path.Combine(_directory, name)).FullName;
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await _server.CreateDatabaseAsync(name));
        _segue.Database = _server.Url(name);
        foreach (DocsBlock block in page.Blocks)
        {
            switch (block)
            {
                case { Language: "sql" }:
                    await ExecuteAsync(database, block);
                    break;
                case { Language: "yaml", File: { } file }:
                    Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(directory, file))!);
                    await File.WriteAllTextAsync(Path.Combine(directory, file), block.Text);
                    break;
                case { Language: "sh" }:
                    (int exit, string said) = await ShellAsync(block.Text, directory);
                    exit.ShouldBe(block.Exit, $"{block.Place}\n{block.Text}\n{said}");
                    break;
            }
        }
    }

    // One statement at a time: VACUUM cannot be in a transaction, and several in one text are one.
    private static async Task ExecuteAsync(NpgsqlDataSource database, DocsBlock block)
    {
        foreach (
            string statement in $"{block.Text}\n".Split(
                ";\n",
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
            )
        )
        {
            await using NpgsqlCommand command = database.CreateCommand(statement);
            try
            {
                await command.ExecuteNonQueryAsync();
            }
            catch (PostgresException error)
            {
                throw new InvalidOperationException($"{block.Place}: {statement}\n{error.MessageText}", error);
            }
        }
    }

    private async Task<(int Exit, string Said)> ShellAsync(string script, string directory)
    {
        ProcessStartInfo start = new("sh", ["-eu", "-c", script])
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["PATH"] = $"{_segue.Directory}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}",
            },
        };
        using CancellationTokenSource patience = new(Patience);
        using Process shell = Process.Start(start)!;
        shell.StandardInput.Close();
        try
        {
            Task<string> errors = shell.StandardError.ReadToEndAsync(patience.Token);
            string output = await shell.StandardOutput.ReadToEndAsync(patience.Token);
            string said = output + await errors;
            await shell.WaitForExitAsync(patience.Token);
            return (shell.ExitCode, said);
        }
        catch (OperationCanceledException)
        {
            shell.Kill(entireProcessTree: true);
            throw;
        }
    }
}
