# bash completion for muster                                   -*- shell-script -*-
#
# It needs bash 3.2 or later, and works with and without the bash-completion package. What was typed is never evaluated, so
# that Tab runs no command substitution and opens no file of a redirection.

# __muster_words sets words to those of the command line up to the cursor, as typed: bash splits them also at "=", ":" and
# "@". It fails if the cursor is at the target of a redirection.
__muster_words()
{
    local line=${COMP_LINE:0:COMP_POINT} piece gap state= i
    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        gap=${line%%[![:space:]]*}
        line=${line#"$gap"}
        piece=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || piece=$line
        line=${line#*"$piece"}
        if [[ $piece == [\<\>\&]* ]]; then
            # The number in 2>file belongs to the redirection.
            if [[ -z $gap && $state == word && ${words[${#words[@]}-1]} != *[!0-9]* ]]; then
                unset "words[${#words[@]}-1]"
            fi
            state=operator
        elif [[ $state == operator ]]; then
            state=target
        elif [[ $i == 0 || -n $gap ]]; then
            words+=("$piece")
            state=word
        elif [[ $state == word ]]; then
            words[${#words[@]}-1]+=$piece
        fi
    done
    [[ $state == word ]]
}

# __muster_unquote sets unquoted to a word without its quotes and backslashes.
__muster_unquote()
{
    local rest=$1 plain
    unquoted=
    while [[ $rest == *[\\\'\"]* ]]; do
        plain=${rest%%[\\\'\"]*}
        unquoted+=$plain
        rest=${rest:${#plain}}
        case $rest in
        \\*)
            unquoted+=${rest:1:1}
            rest=${rest:2}
            ;;
        \'*)
            rest=${rest:1}
            plain=${rest%%\'*}
            unquoted+=$plain
            rest=${rest:${#plain}+1}
            ;;
        *)
            rest=${rest:1}
            while [[ -n $rest && $rest != \"* ]]; do
                [[ $rest != \\[\\\"\$\`]* ]] || rest=${rest:1}
                plain=${rest:1}
                plain=${rest:0:1}${plain%%[\\\"]*}
                unquoted+=$plain
                rest=${rest:${#plain}}
            done
            rest=${rest:1}
            ;;
        esac
    done
    unquoted+=$rest
}

# __muster_escape sets escaped to a word as it is typed after an open quote, or without quotes.
__muster_escape()
{
    local special=$' \t\\\'"`$!#&()*;<>?[]^{|}~' i char
    escaped=$1
    [[ $1 == *[!A-Za-z0-9_@%+=:,./-]* ]] || return 0
    case $2 in
    \") special='\"`$' ;;
    \')
        escaped=${1//\'/\'\\\'\'}
        return
        ;;
    esac
    escaped=
    for ((i = 0; i < ${#1}; i++)); do
        char=${1:i:1}
        [[ $special != *"$char"* ]] || escaped+=\\
        escaped+=$char
    done
}

# __muster_describe adds descriptions to the words in COMPREPLY, as far as they fit.
__muster_describe()
{
    local columns=${COLUMNS:-80} longest=0 spaces i word note room
    for word in "${COMPREPLY[@]}"; do
        ((${#word} <= longest)) || longest=${#word}
    done
    ((columns - longest > 16)) || longest=0
    printf -v spaces '%*s' "$longest" ''
    for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do
        word=${COMPREPLY[i]} note=${notes[i]}
        [[ -n $note ]] || continue
        ((${#word} >= longest)) || word+=${spaces:${#word}}
        room=$((columns - ${#word} - 5))
        ((room >= 8)) || continue
        ((${#note} <= room)) || note=${note:0:room-3}...
        COMPREPLY[i]="$word  ($note)"
    done
}

__start_muster()
{
    local IFS=$' \t\n' tab=$'\t' words unquoted escaped program i
    COMPREPLY=()
    __muster_words || return 0

    # An alias is assumed to be one of muster.
    __muster_unquote "${words[0]}"
    program=${unquoted/#\~\//$HOME/}
    if alias "$program" >/dev/null 2>&1 || ! type -P -- "$program" >/dev/null; then
        program=muster
    fi
    # A variable is expanded only if it is a whole word before the last one, or the whole value of a flag there.
    local args=() variable='^(-[^$"]*=)?"?\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?"?$' name
    for ((i = 1; i < ${#words[@]}; i++)); do
        __muster_unquote "${words[i]}"
        if [[ $i -lt ${#words[@]}-1 && ${words[i]} =~ $variable ]]; then
            name=${BASH_REMATCH[2]}
            unquoted=${BASH_REMATCH[1]}${!name-}
        fi
        args+=("$unquoted")
    done
    ((${#args[@]} > 0)) || return 0

    # The output is a line for each candidate, with a tab before its description, and ":" with the directives.
    # It is split without temporary files and file descriptors.
    local lines line directive globbing=$-
    set -f
    IFS=$'\n'
    lines=($("$program" __complete "${args[@]}" 2>/dev/null))
    IFS=$' \t\n'
    [[ $globbing == *f* ]] || set +f
    ((${#lines[@]} > 0)) || return 0
    directive=${lines[${#lines[@]}-1]#:}
    [[ -n $directive && $directive != *[!0-9]* ]] || return 0
    unset "lines[${#lines[@]}-1]"
    local failed=1 noSpace=2 noFiles=4 keepOrder=32
    ((!(directive & failed))) || return 0

    # bash replaces $2, the end of what was typed, after the last open quote, space, "=", ":" or "@". That part is kept, and
    # the rest of a candidate is appended. The candidates for --flag=value are values.
    local typed=$unquoted flag= quote=${words[${#words[@]}-1]%"$2"}
    [[ $typed != -*=* ]] || flag=${typed%%=*}=
    case $quote in
    *\") quote=\" ;;
    *\') quote=\' ;;
    *) quote= ;;
    esac

    local notes=() note
    for ((i = 0; i < ${#lines[@]}; i++)); do
        line=$flag${lines[i]%%"$tab"*}
        [[ $line == "$typed"* && ${lines[i]} != _activeHelp_* ]] || continue
        note=
        [[ ${lines[i]} != *"$tab"* ]] || note=${lines[i]#*"$tab"}
        __muster_escape "${line:${#typed}}" "$quote"
        COMPREPLY+=("$2$escaped")
        notes+=("$note")
    done

    # Descriptions are only for lists. bash 3 does not report what it does with the words.
    if ((${#COMPREPLY[@]} > 1)); then
        case ${COMP_TYPE-63} in
        33 | 63 | 64) __muster_describe ;;
        esac
    fi

    if [[ $(type -t compopt) != builtin ]]; then
        # bash 3 adds no space: see below.
        if ((${#COMPREPLY[@]} == 1 && !(directive & noSpace))) && [[ -z $quote ]]; then
            COMPREPLY[0]+=' '
        fi
        return 0
    fi
    ((!(directive & noSpace))) || compopt -o nospace 2>/dev/null
    ((!(directive & noFiles))) || compopt +o default 2>/dev/null
    ((!(directive & keepOrder))) || compopt -o nosort 2>/dev/null # since bash 4.4
    return 0
}

if [[ $(type -t compopt) == builtin ]]; then
    complete -o default -F __start_muster muster
else
    complete -o default -o nospace -F __start_muster muster
fi
