namespace Segue.Cli.Running;

/// <summary>Asks the person at the terminal, unless --yes was said.</summary>
internal static class Confirmation
{
    /// <returns>Null when the person said yes.</returns>
    public static async Task<Failure?> AskAsync(Host host, string verb, string question, CancellationToken cancel)
    {
        if (host.Confirm is not { } ask)
        {
            return Failure.BadInput($"segue {verb}", "it asks before it begins, and there is no terminal to ask on.", "Say --yes where that is meant.");
        }

        return await ask(question, cancel) ? null : Failure.BadInput($"segue {verb}", "not confirmed; nothing was changed.", "");
    }
}
