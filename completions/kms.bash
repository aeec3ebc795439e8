# bash completion for kms: `kms __complete` knows what may stand here, its last line says what is left to the shell
_kms() {
  local line=${COMP_LINE:0:COMP_POINT} current= value
  local -a words found=()
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] || { current=${words[-1]} && unset 'words[-1]'; }
  COMPREPLY=()
  mapfile -t found < <(command kms __complete "${words[@]:1}" "$current" 2>/dev/null </dev/null)
  ((${#found[@]})) || return
  local directive=${found[-1]}
  unset 'found[-1]'

  local option=
  [[ $current == --*=* ]] && option=${current%%=*}=
  # readline breaks words at colons and equals signs too: what stands before the last one is not given again
  local breaks=${COMP_WORDBREAKS//[^:=]/} prefix=
  [[ -n $breaks ]] && prefix=${current%"${current##*[$breaks]}"}
  [[ $directive == :files ]] && _kms_files "${current#"$option"}"
  [[ $directive == :nospace ]] && compopt -o nospace
  for value in "${found[@]}"; do
    value=$option${value%%$'\t'*}
    COMPREPLY+=("${value#"$prefix"}")
  done
}
# adds files to $found, whose names may be anybody's: readline quotes those that it is given whole, also in an open
# quote; of others it leaves `...` and $ as they are, so they are quoted here, and there are none in an open quote
_kms_files() {
  local scheme= file end
  [[ $1 =~ ^fileb?:// ]] && scheme=${BASH_REMATCH[0]}
  local start=${1#"$scheme"}
  [[ $start == *['$`']* ]] && return
  if [[ -z $scheme && $prefix == "$option" ]]; then
    compopt -o filenames
    while IFS= read -r file; do found+=("$file"); done < <(compgen -f -- "$start")
    return
  fi
  [[ ${COMP_WORDS[COMP_CWORD]} == *[\'\"]* ]] && return
  while IFS= read -r file; do
    end=
    [[ -d $file ]] && { end=/ && compopt -o nospace; }
    printf -v file '%q' "$file"
    found+=("$scheme$file$end")
  done < <(compgen -f -- "$start")
}
complete -F _kms kms
