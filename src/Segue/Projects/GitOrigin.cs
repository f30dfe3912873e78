using System.ComponentModel;
using System.Diagnostics;
using Segue.Changes;
using Segue.Ledger;

namespace Segue.Projects;

/// <summary>The commit and the author of a change file. Unknown without git, or outside a repository.</summary>
internal static class GitOrigin
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task<ChangeOrigin> OfAsync(
        Change change,
        string file,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        // A file that differs from its last commit is not from that commit.
        bool isCommitted = await GitAsync(file, ["diff", "--quiet", "HEAD", "--"], time, cancel) is not null;
        string[] lines = isCommitted
            ? (await GitAsync(file, ["log", "-1", "--format=%H%n%an <%ae>", "--"], time, cancel) ?? "").Split('\n')
            : [];
        return lines is [var commit, var author, ..]
            ? new ChangeOrigin(change.Description, commit, author)
            : new ChangeOrigin(change.Description, null, null);
    }

    /// <returns>Git's output; null if git fails or is not installed.</returns>
    private static async Task<string?> GitAsync(
        string file,
        IReadOnlyList<string> arguments,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        string path = Path.GetFullPath(file);
        ProcessStartInfo start = new("git", [.. arguments, path])
        {
            WorkingDirectory = Path.GetDirectoryName(path),
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["GIT_OPTIONAL_LOCKS"] = "0" },
        };
        using CancellationTokenSource over = new(Patience, time);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancel, over.Token);
        try
        {
            using Process git = Process.Start(start)!;
            Task<string> errors = git.StandardError.ReadToEndAsync(patience.Token);
            string output = await git.StandardOutput.ReadToEndAsync(patience.Token);
            await errors;
            await git.WaitForExitAsync(patience.Token);
            return git.ExitCode == 0 ? output.Trim() : null;
        }
        catch (Exception error)
            when (error is Win32Exception || (error is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }
}
