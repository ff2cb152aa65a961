#!/usr/bin/env bash
# Asks the real bash, zsh and fish what they complete with the scripts of `ecrm completions`.
#
#   tests/shells/check.sh [ECRM]     the binary [target/debug/ecrm]; apt-get install bash zsh fish
#
# The test suite asks bash alone, which is everywhere, and looks at the text of the other scripts.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
ecrm=$(realpath "${1:-../../target/debug/ecrm}")
for shell in bash zsh fish; do
    command -v "$shell" >/dev/null || { echo "no $shell here: apt-get install $shell" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
mkdir "$work/bin" "$work/zsh" "$work/place" "$work/place/shop"
touch "$work/place/orders.csv"
ln -s "$ecrm" "$work/bin/ecrm"
export PATH="$work/bin:$PATH" LC_ALL=C.UTF-8
ecrm completions bash >"$work/bash"
ecrm completions zsh >"$work/zsh/_ecrm"
ecrm completions fish >"$work/fish"
cd "$work/place"

# What each shell offers for a line, a word on a line.
in_bash() { bash "$here/ask.bash" "$work/bash" "$1"; }
in_zsh() { zsh -f "$here/ask.zsh" "$work/zsh" "$1"; }
in_fish() { fish -c "source $work/fish; complete -C '$1'" | cut -f1; }

failed=0
while IFS='|' read -r line wanted unwanted; do
    case $line in '' | \#*) continue ;; esac
    for shell in bash zsh fish; do
        said=$("in_$shell" "$line" | sed 's|/$||')
        for word in $wanted; do
            grep -qxF -e "$word" <<<"$said" || { echo "$shell: '$line' does not offer $word: $said"; failed=1; }
        done
        for word in $unwanted; do
            if grep -qxF -e "$word" <<<"$said"; then echo "$shell: '$line' offers $word"; failed=1; fi
        done
    done
done <"$here/cases.txt"
[ "$failed" = 0 ] && echo "bash, zsh and fish complete what they should"
exit "$failed"
