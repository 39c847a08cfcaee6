# Completions of steepest for bash. Load them with:  source <(steepest completion bash)
_steepest() {
    local line=${COMP_LINE:0:COMP_POINT} current=${COMP_WORDS[COMP_CWORD]} words candidate files
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    # Bash breaks words at = and :, while candidates are whole words. What stands before the break is cut off.
    local whole=${words[${#words[@]} - 1]#[\'\"]}
    [[ $current == [=:] ]] && current=
    current=${current#[\'\"]}
    local before=${whole%"$current"}
    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        if [[ $candidate == :files ]]; then
            files=yes
        else
            COMPREPLY+=("${candidate#"$before"}")
        fi
    done < <(steepest completion bash -- "${words[@]:1:${#words[@]}-2}" "$whole" 2>/dev/null)
    if [[ $files ]]; then
        compopt -o filenames 2>/dev/null
        while IFS= read -r candidate; do
            COMPREPLY+=("$candidate")
        done < <(compgen -f -- "$current")
    elif [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -F _steepest steepest
