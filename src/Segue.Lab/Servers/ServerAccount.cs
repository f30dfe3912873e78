namespace Segue.Lab.Servers;

/// <summary>The operating system's user that runs the server: PostgreSQL refuses to run as root.</summary>
internal sealed class ServerAccount
{
    private readonly string? _owner;

    private ServerAccount(string? owner, IReadOnlyList<string> prefix)
    {
        _owner = owner;
        Prefix = prefix;
    }

    /// <summary>The prefix of a command to run as this user; empty if this process may run it itself.</summary>
    public IReadOnlyList<string> Prefix { get; }

    /// <summary>Distinguishes the data directories of different users.</summary>
    public string Name => _owner ?? "own";

    public static async Task<ServerAccount> DetectAsync(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return new ServerAccount(null, []);

        foreach (string name in (string[])["postgres", "nobody"])
        {
            if (
                await IdAsync("-u", name, cancellationToken) is { } user
                && await IdAsync("-g", name, cancellationToken) is { } group
            )
                return new ServerAccount(name, await SwitchAsync(name, user, group, cancellationToken));
        }

        throw new LabException(
            "PostgreSQL refuses to run as root and there is neither a user postgres nor a user nobody. "
                + "Run as another user, or create one: useradd --system postgres"
        );
    }

    public async Task<ProgramResult> RunAsync(
        IReadOnlyList<string> command,
        string directory,
        CancellationToken cancellationToken
    ) =>
        await ExternalProgram.RunAsync([.. Prefix, .. command], directory, cancellationToken)
        ?? throw new LabException($"{command[0]} could not be started: there is no such program.");

    /// <summary>Makes this user the owner of a directory and its content.</summary>
    public async Task OwnAsync(string directory, CancellationToken cancellationToken)
    {
        if (_owner is null)
            return;
        ProgramResult? result = await ExternalProgram.RunAsync(
            ["chown", "-R", _owner, directory],
            null,
            cancellationToken
        );
        if (result is not { Succeeded: true })
            throw new LabException(
                $"{directory} could not be given to user {_owner}: {result?.Said ?? "there is no chown"}"
            );
    }

    /// <summary>Refuses a place that this user cannot reach.</summary>
    public void MustReach(string directory, string remedy)
    {
        if (_owner is not null && !OperatingSystem.IsWindows() && FileModes.ClosedAncestor(directory) is { } closed)
            throw new LabException(
                $"User {_owner}, who runs the server because root may not, cannot enter {closed}. {remedy}"
            );
    }

    private static async Task<IReadOnlyList<string>> SwitchAsync(
        string name,
        string user,
        string group,
        CancellationToken cancellationToken
    )
    {
        // setpriv becomes the program itself; runuser uses PAM, which a bare container may lack. BusyBox's setpriv has
        // no --reuid.
        IReadOnlyList<string> setpriv = ["setpriv", "--reuid", user, "--regid", group, "--init-groups", "--"];
        if (await WorksAsync(setpriv, cancellationToken))
            return setpriv;
        IReadOnlyList<string> runuser = ["runuser", "-u", name, "--"];
        if (await WorksAsync(runuser, cancellationToken))
            return runuser;
        throw new LabException(
            "PostgreSQL refuses to run as root, and neither setpriv nor runuser (package util-linux) can "
                + $"start it as {name}. "
                + "Run as another user or install util-linux."
        );
    }

    private static async Task<bool> WorksAsync(IReadOnlyList<string> prefix, CancellationToken cancellationToken) =>
        await ExternalProgram.RunAsync([.. prefix, "id", "-u"], "/", cancellationToken) is { Succeeded: true };

    private static async Task<string?> IdAsync(string what, string name, CancellationToken cancellationToken) =>
        await ExternalProgram.RunAsync(["id", what, name], null, cancellationToken) is { Succeeded: true } id
            ? id.Output.Trim()
            : null;
}
