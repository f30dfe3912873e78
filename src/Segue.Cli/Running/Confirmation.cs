using Segue.Projects;

namespace Segue.Cli.Running;

/// <summary>Asks the person at the terminal, unless --yes was said.</summary>
internal static class Confirmation
{
    /// <param name="remedy">What to do where there is no terminal.</param>
    /// <returns>Null when the person said yes.</returns>
    public static async Task<Failure?> AskAsync(
        Host host,
        string verb,
        string question,
        CancellationToken cancel,
        string remedy = "Pass --yes."
    )
    {
        if (host.Confirm is not { } ask)
        {
            return Failure.BadInput($"segue {verb}", "confirmation needed, but there is no terminal.", remedy);
        }

        return await ask(question, cancel)
            ? null
            : Failure.BadInput($"segue {verb}", "not confirmed; nothing was changed.", "");
    }
}
