using System.CommandLine;

namespace Segue.Cli.Commands;

/// <summary><c>segue completion SHELL</c>: the script by which a shell completes Segue's command lines.</summary>
internal static class CompletionCommand
{
    public static Command Create(Host host)
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh, fish or powershell." };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.All.Keys]);
        Verb verb = new(
            "completion",
            "Prints a script that completes verbs, options and change names in your shell.",
            "Put the line for your shell into its start-up file. The script asks `segue` itself, so it knows each new "
                + "version's options.",
            "source <(segue completion bash)                  # in ~/.bashrc",
            "source <(segue completion zsh)                   # in ~/.zshrc, after compinit",
            "segue completion fish | source                   # in ~/.config/fish/config.fish",
            "segue completion powershell | Out-String | Invoke-Expression    # in $PROFILE"
        )
        {
            shell,
        };
        verb.SetAction(parse =>
        {
            new Reporter(host, json: false).Raw(CompletionScripts.All[parse.GetRequiredValue(shell)]);
            return (int)ExitCode.Done;
        });
        return verb;
    }
}
