namespace Segue.Cli.Commands;

/// <summary>
/// What each shell runs to complete a line: it hands the words behind <c>segue</c> to the directive <c>[suggest]</c>,
/// which answers with a candidate a line.
/// </summary>
internal static class CompletionScripts
{
    public static IReadOnlyDictionary<string, string> All { get; } =
        new Dictionary<string, string>
        {
            ["bash"] = """
                _segue() {
                    local line="${COMP_LINE:0:COMP_POINT}" IFS=$'\n'
                    line="${line#* }"
                    COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2> /dev/null)" \
                        -- "${COMP_WORDS[COMP_CWORD]}"))
                }
                complete -o default -F _segue segue

                """,
            ["zsh"] = """
                _segue() {
                    local line="${(j: :)words[2,CURRENT]}"
                    local -a found
                    found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2> /dev/null)}")
                    compadd -- "${found[@]}"
                }
                (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
                compdef _segue segue

                """,
            ["fish"] = """
                function __segue
                    set -l line (commandline -cp | string replace -r '^\S+\s+' '')
                    segue "[suggest:"(string length -- "$line")"]" "$line" 2> /dev/null
                end
                complete -c segue -f -a '(__segue)'

                """,
            ["powershell"] = """
                Register-ArgumentCompleter -Native -CommandName segue -ScriptBlock {
                    param($wordToComplete, $commandAst, $cursorPosition)
                    $line = $commandAst.ToString().PadRight($cursorPosition) -replace '^\S+\s+', ''
                    segue "[suggest:$($line.Length)]" "$line" 2> $null | Where-Object { $_ -like "$wordToComplete*" } |
                        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
                }

                """,
        };
}
