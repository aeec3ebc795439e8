#compdef kms
# zsh completion for kms: `kms __complete` knows what may stand here, its last line says what is left to the shell
_kms() {
  local current=${(Q)PREFIX} directive
  local -a found values shown space
  found=("${(@f)$(command kms __complete "${(@Q)words[2,CURRENT-1]}" "$current" 2>/dev/null </dev/null)}")
  directive=$found[-1]
  found[-1]=()
  [[ $current == --*=* ]] && compset -P '*='
  if [[ $directive == :files ]]; then
    compset -P 'file(|b)://'
    _files
    return
  fi
  [[ $directive == :nospace ]] && space=(-S '')
  values=("${(@)found%%$'\t'*}") shown=("${(@)found/$'\t'/  -- }")
  compadd $space -l -d shown -a values
}
if [[ $funcstack[1] == _kms ]]; then _kms "$@"; else compdef _kms kms; fi
