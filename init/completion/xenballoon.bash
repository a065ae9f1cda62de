# Completion of xenballoon's commands, options and domains for bash. The command itself knows them: it is asked what may follow the words before the cursor.

_xenballoon() {
    local current=${COMP_WORDS[COMP_CWORD]} before="" word candidate quoted
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do before+="$word "; done
    COMPREPLY=()
    while IFS= read -r candidate; do
        case $candidate in
            '-?' | '/?' | '/h' | '') continue ;;
        esac
        # Without a dash, words are wanted, not options.
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
