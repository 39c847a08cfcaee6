#compdef steepest
# Completions of steepest for zsh. Write them to a file _steepest in a folder of $fpath, or load them with:  source <(steepest completion zsh)
_steepest() {
    local line word meaning files
    local -a whole open
    for line in ${(f)"$(steepest completion zsh -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)"}; do
        word=${line%%$'\t'*}
        meaning=${line#*$'\t'}
        case $word in
            :files) files=yes ;;
            *[=:]) open+=("${word//:/\\:}:$meaning") ;;
            *) whole+=("${word//:/\\:}:$meaning") ;;
        esac
    done
    (( $#whole )) && _describe -V word whole
    (( $#open )) && _describe -V word open -S ''
    if [[ -n $files ]]; then
        compset -P '--*='
        _files
    fi
}
if [[ $funcstack[1] == _steepest ]]; then
    _steepest "$@"
else
    compdef _steepest steepest
fi
