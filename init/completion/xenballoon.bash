# Completion of commands, options and domains of xenballoon for bash. xenballoon itself supplies the candidates: it gets
# the words before the cursor and writes the words that may follow.

_xenballoon() {
    local current=${COMP_WORDS[COMP_CWORD]} before="" word candidate quoted
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do before+="$word "; done
    COMPREPLY=()
    while IFS= read -r candidate; do
        case $candidate in
            '-?' | '/?' | '/h' | '') continue ;;
        esac
        # Options are offered only after a dash.
        [[ $candidate == -* && $current != -* ]] && continue
        printf -v quoted %q "$candidate"
        if [[ $quoted == "$current"* ]]; then
            COMPREPLY+=("$quoted")
        elif [[ $candidate == "${current#[\"\']}"* ]]; then
            COMPREPLY+=("$quoted")
        fi
    done < <("${COMP_WORDS[0]}" "[suggest:${#before}]" "$before" 2> /dev/null)
}

complete -F _xenballoon xenballoon
