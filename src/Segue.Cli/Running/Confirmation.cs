using Segue.Projects;

namespace Segue.Cli.Running;

/// <summary>Asks the person at the terminal, unless --yes was passed.</summary>
internal static class Confirmation
{
    /// <param name="remedy">What to do without a terminal.</param>
    /// <returns>Null if the person confirmed.</returns>
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
