# What bash offers for a line with a script of completions: bash ask.bash SCRIPT LINE
source "$1"
read -ra COMP_WORDS <<<"$2"
case $2 in *" ") COMP_WORDS+=("") ;; esac
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
cur=${COMP_WORDS[COMP_CWORD]}
# In a real line the script sets these options; here they are only noted.
options=$(complete -p ecrm)
compopt() { options+=" $*"; }
_ecrm ecrm "$cur" "${COMP_WORDS[COMP_CWORD - 1]}"
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
# What bash does by itself where the script has no answer.
case $options in
*plusdirs*) compgen -d -- "$cur" ;;
*"+o default"*) ;;
*"-o default"*) [ ${#COMPREPLY[@]} != 0 ] || compgen -f -- "$cur" ;;
esac
exit 0
