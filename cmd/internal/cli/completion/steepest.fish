# Completions of steepest for fish. Write them to ~/.config/fish/completions/steepest.fish, or load them with:  steepest completion fish | source
function __steepest_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (steepest completion fish -- $words[2..] "$current" 2>/dev/null)
        if test "$line" = :files
            set -l flag (string match -r '^--[^=]*=' -- $current)
            __fish_complete_path (string replace -r '^--[^=]*=' '' -- $current) | string replace -r '^' "$flag"
        else
            echo $line
        end
    end
end
complete -c steepest -f -a '(__steepest_complete)'
