# What zsh offers for a line, in a terminal of its own: zsh -f ask.zsh FOLDER LINE, where the folder holds _ecrm
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1='> '; unsetopt beep; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D
zstyle ':completion:*' list-prompt ''; LISTMAX=10000; bindkey '^I' list-choices; echo REA''DY"
while zpty -r shell line; do [[ $line = *READY* ]] && break; done
zpty -w -n shell "$2"$'\t'
sleep 1
# The line is taken away, and something else said behind what was listed.
zpty -w -n shell $'\x15'"echo DO''NE"$'\n'
while zpty -r shell line; do
    [[ $line = *DONE* ]] && break
    # Without what moves the cursor and the line itself; an entry may have its meaning behind it.
    print -r -- "$line" | sed 's/\x1b\[[0-9;?]*[a-zA-Z]/\n/g; s/[\r\x08]//g' | sed '/ecrm /d; s/  *-- .*//' | tr -s ' ' '\n'
done
zpty -d shell
