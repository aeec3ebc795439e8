/** Completion scripts for bash, zsh and fish, from the registered commands. */
import type { Command, Option } from 'commander';
import { kindOf } from '../src/frontends/cli/complete.ts';
import type { Registry } from '../src/frontends/cli/help/register.ts';

interface CompletedOption {
  readonly name: string;
  readonly summary: string;
  readonly takes: 'nothing' | 'one' | 'many';
  readonly choices: readonly string[];
  /** The value is the name of a file or folder. */
  readonly isPath: boolean;
  /** What `kms __complete` is asked for the values: those of this keyring and this configuration. */
  readonly asks: string | undefined;
}

interface Completed {
  /** `keyring status`; the program itself has none. */
  readonly path: string;
  readonly commands: readonly (readonly [word: string, summary: string])[];
  readonly options: readonly CompletedOption[];
  /** Bare words are names of files. */
  readonly takesFile: boolean;
}

const PATH_OPTION = /-file$|^--(?:keyring|file|ca-bundle)$/;

const completedOption = (option: Option): CompletedOption => ({
  name: option.long!,
  summary: option.description.split(/(?<=\.)\s/)[0]!.replace(/\.$/, ''),
  takes: option.variadic ? 'many' : option.required ? 'one' : 'nothing',
  choices: option.argChoices ?? [],
  isPath: PATH_OPTION.test(option.long!),
  asks: kindOf(option.long!),
});

function completed(registry: Registry): readonly Completed[] {
  const visit = (command: Command, path: readonly string[]): readonly Completed[] => [
    {
      path: path.join(' '),
      commands: command.commands.map((child) => [child.name(), child.summary()] as const),
      options: command.options.map(completedOption),
      takesFile: registry.rows.get(command)?.words.includes('File') ?? false,
    },
    ...command.commands.flatMap((child) => visit(child, [...path, child.name()])),
  ];
  return visit(registry.root, []);
}

const HEADER = '# Made by scripts/generate.ts: changes here are lost.';

/** Equal results of many cases are told once: `a|b) result ;;`. */
function caseLines(rows: readonly (readonly [pattern: string, result: string])[]): readonly string[] {
  const byResult = new Map<string, string[]>();
  for (const [pattern, result] of rows) byResult.set(result, [...(byResult.get(result) ?? []), pattern]);
  return Array.from(byResult, ([result, patterns]) => `    ${[...new Set(patterns)].join('|')}) ${result} ;;`);
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** What bash and zsh have in common: functions that answer in `reply`. */
function tables(all: readonly Completed[]): readonly string[] {
  const [program, ...commands] = all;
  const globals = program!.options;
  const names = (options: readonly CompletedOption[]): string => options.map(({ name }) => name).join(' ');
  const values = [
    ...commands.flatMap(({ path, options }) =>
      options
        .filter(({ choices }) => choices.length > 0)
        .map((option) => [quoted(`${path} ${option.name}`), option] as const),
    ),
    ...globals
      .filter(({ choices }) => choices.length > 0)
      .map((option) => [`*${quoted(` ${option.name}`)}`, option] as const),
  ];
  const every = [...globals, ...commands.flatMap(({ options }) => options)];
  const patterns = (which: (option: CompletedOption) => boolean): string =>
    [...new Set(every.filter(which).map(({ name }) => name))].join('|');
  return [
    '_kms_commands() {',
    '  reply=()',
    '  case $1 in',
    ...caseLines(
      all
        .filter(({ commands: rows }) => rows.length > 0)
        .map(({ path, commands: rows }) => [quoted(path), `reply=(${rows.map(([word]) => word).join(' ')} help)`]),
    ),
    '  esac',
    '}',
    '_kms_options() {',
    '  reply=()',
    '  case $1 in',
    ...caseLines(
      commands
        .filter(({ options }) => options.length > 0)
        .map(({ path, options }) => [quoted(path), `reply=(${names(options)})`]),
    ),
    '  esac',
    `  reply+=(${names(globals)})`,
    '}',
    '_kms_values() {',
    '  reply=()',
    '  case "$1 $2" in',
    ...caseLines(values.map(([pattern, { choices }]) => [pattern, `reply=(${choices.join(' ')})`])),
    '  esac',
    '}',
    '# how many words follow an option: nothing, one, many, or one that names a file',
    '_kms_takes() {',
    '  case $1 in',
    `    ${patterns(({ takes }) => takes === 'nothing')}) reply=nothing ;;`,
    `    ${patterns(({ takes }) => takes === 'many')}) reply=many ;;`,
    `    ${patterns(({ isPath }) => isPath)}) reply=file ;;`,
    '    *) reply=one ;;',
    '  esac',
    '}',
    '# what kms itself knows the values of',
    '_kms_asks() {',
    '  reply=""',
    '  case $1 in',
    ...caseLines(every.flatMap(({ name, asks }) => (asks === undefined ? [] : [[name, `reply=${asks}`] as const]))),
    '  esac',
    '}',
    '_kms_takes_file() {',
    '  case $1 in',
    `    ${all
      .filter(({ takesFile }) => takesFile)
      .map(({ path }) => quoted(path))
      .join('|')}) return 0 ;;`,
    '  esac',
    '  return 1',
    '}',
    '# from the words before the cursor: the command in $place, and in $option the option whose value comes next',
    '_kms_where() {',
    '  place= option=',
    '  local word takes=nothing reply',
    '  for word in "$@"; do',
    '    if [[ $word == --*=* ]]; then',
    '      takes=nothing option=',
    '    elif [[ $word == --* ]]; then',
    '      _kms_takes "$word"',
    '      takes=$reply option=$word',
    '    elif [[ $takes == one || $takes == file ]]; then',
    '      takes=nothing option=',
    '    elif [[ $takes != many ]]; then',
    '      option=',
    '      _kms_commands "$place"',
    '      [[ " ${reply[*]} " == *" $word "* && $word != help ]] && place=${place:+$place }$word',
    '    fi',
    '  done',
    '  [[ $takes == nothing ]] && option=',
    '  return 0',
    '}',
  ];
}

const BASH = `
_kms() {
  local line=\${COMP_LINE:0:COMP_POINT} place option reply
  local -a words
  read -ra words <<<"$line"
  local current=
  [[ $line == *[[:space:]] ]] || { current=\${words[-1]} && unset 'words[-1]'; }
  _kms_where "\${words[@]:1}"

  local before= given=$current
  if [[ $current == --*=* ]]; then
    option=\${current%%=*} before=\${current%%=*}= given=\${current#*=}
  fi

  # readline breaks words at colons and equals signs too: what stands before the last one is not given again
  local breaks=\${COMP_WORDBREAKS//[^:=]/} prefix= value
  [[ -n $breaks ]] && prefix=\${current%"\${current##*[$breaks]}"}

  local -a found=()
  if [[ -z $before && $current == -* ]]; then
    _kms_options "$place"
    mapfile -t found < <(compgen -W "\${reply[*]}" -- "$current")
  elif [[ $given == file://* || $given == fileb://* ]]; then
    _kms_files "\${given%%://*}://" "\${given#*://}"
  elif [[ -n $option ]]; then
    _kms_values "$place" "$option"
    if ((\${#reply[@]})); then
      mapfile -t found < <(compgen -W "\${reply[*]}" -- "$given")
    else
      _kms_takes "$option"
      if [[ $reply == file ]]; then
        _kms_files '' "$given"
      else
        if _kms_asks "$option" && [[ -n $reply ]]; then
          while IFS=$'\\t' read -r value _; do
            [[ $value == "$given"* ]] && found+=("$value")
          done < <(command kms __complete "$reply" "\${words[@]:1}" 2>/dev/null </dev/null)
        fi
        if ((\${#found[@]} == 0)); then
          mapfile -t found < <(compgen -W 'file:// fileb://' -- "$given")
          ((\${#found[@]})) && compopt -o nospace
        fi
      fi
    fi
  else
    _kms_commands "$place"
    mapfile -t found < <(compgen -W "\${reply[*]}" -- "$given")
    _kms_takes_file "$place" && _kms_files '' "$given"
  fi

  COMPREPLY=()
  for value in "\${found[@]}"; do
    value=$before$value
    COMPREPLY+=("\${value#"$prefix"}")
  done
}
# adds files to $found, whose names may be anybody's: readline quotes those that it is given whole, also in an open
# quote; of others it leaves \`...\` and $ as they are, so they are quoted here, and there are none in an open quote
_kms_files() {
  local file end
  [[ $2 == *['$\`']* ]] && return
  if [[ -z $1 && $prefix == "$before" ]]; then
    compopt -o filenames
    while IFS= read -r file; do found+=("$file"); done < <(compgen -f -- "$2")
    return
  fi
  [[ \${COMP_WORDS[COMP_CWORD]} == *[\\'\\"]* ]] && return
  while IFS= read -r file; do
    end=
    [[ -d $file ]] && { end=/ && compopt -o nospace; }
    printf -v file '%q' "$file"
    found+=("$1$file$end")
  done < <(compgen -f -- "$2")
}
complete -F _kms kms
`;

export const bashCompletion = (registry: Registry): string =>
  ['# bash completion for kms', HEADER, ...tables(completed(registry))].join('\n') + BASH;

const ZSH = `
_kms() {
  local place option reply current=$words[CURRENT] description
  local -a found
  _kms_where "\${(@)words[2,CURRENT-1]}"
  if [[ $current == --*=* ]]; then
    option=\${current%%=*}
    compset -P '*='
    current=\${current#*=}
  elif [[ $current == -* ]]; then
    _kms_options "$place"
    compadd -a reply
    return
  fi
  if [[ $current == file://* || $current == fileb://* ]]; then
    compset -P '*://'
    _files
  elif [[ -n $option ]]; then
    _kms_values "$place" "$option"
    if (( $#reply )); then
      compadd -a reply
    else
      _kms_takes "$option"
      if [[ $reply == file ]]; then
        _files
      elif _kms_asks "$option" && [[ -n $reply ]]; then
        found=("\${(@f)$(command kms __complete $reply "\${(@)words[2,CURRENT-1]}" 2>/dev/null </dev/null)}")
        local -a values=("\${(@)found%%$'\\t'*}") shown=("\${(@)found/$'\\t'/  -- }")
        compadd -d shown -a values
      else
        compadd -S '' file:// fileb://
      fi
    fi
  else
    _kms_described "$place"
    _describe -t commands command found
    _kms_takes_file "$place" && _files
  fi
}
_kms "$@"
`;

export function zshCompletion(registry: Registry): string {
  const all = completed(registry);
  const described = all
    .filter(({ commands }) => commands.length > 0)
    .map(({ path, commands }) => {
      const rows = [...commands, ['help', 'Tells about the commands'] as const];
      const items = rows.map(([word, summary]) => `      ${quoted(`${word}:${summary.replaceAll(':', '\\:')}`)}`);
      return `    ${quoted(path)}) found=(\n${items.join('\n')}\n    ) ;;`;
    });
  // arrays and words are split as in bash; every function is local to the completion
  return (
    [
      '#compdef kms',
      HEADER,
      ...tables(all).map((line) => line.replace('${reply[*]}', '${(j: :)reply}')),
      '_kms_described() {',
      '  case $1 in',
      ...described,
      '  esac',
      '}',
    ].join('\n') + ZSH
  );
}

const FISH = `
# the words of the command before the cursor, without options and their values
function __kms_place
    set -l place
    set -l takes nothing
    for word in (commandline -opc)[2..]
        if string match -q -- '--*=*' $word
            set takes nothing
        else if string match -q -- '--*' $word
            set takes one
            contains -- $word $__kms_flags; and set takes nothing
            contains -- $word $__kms_lists; and set takes many
        else if test $takes = one
            set takes nothing
        else if test $takes = nothing; and contains -- (string join ' ' $place $word) $__kms_paths
            set -a place $word
        end
    end
    string join ' ' -- $place
end
function __kms_at
    test (__kms_place | string collect -a) = "$argv"
end
# files behind file:// and fileb://
function __kms_files
    set -l token (commandline -ct | string replace -r -- '^--[a-z-]+=' '')
    set -l parts (string match -r -- '^(fileb?://)(.*)' $token)
    if test (count $parts) -eq 0
        printf '%s\\n' file:// fileb://
        return
    end
    set -l rest $parts[3]
    for file in $rest*
        test -d $file; and set file $file/
        echo $parts[2]$file
    end
end
# values that kms itself knows
function __kms_known
    set -l words (commandline -opc)
    command kms __complete $argv[1] $words[2..] 2>/dev/null </dev/null
end
complete -c kms -f
`;

export function fishCompletion(registry: Registry): string {
  const all = completed(registry);
  const [program] = all;
  const every = all.flatMap(({ options }) => options);
  const names = (which: (option: CompletedOption) => boolean): string =>
    [...new Set(every.filter(which).map(({ name }) => name))].join(' ');
  const paths = all.map(({ path }) => path).filter((path) => path !== '');
  const optionLine = (condition: string, { name, summary, takes, choices, isPath, asks }: CompletedOption): string => {
    const value =
      takes === 'nothing'
        ? ''
        : choices.length > 0
          ? ` -x -a ${quoted(choices.join(' '))}`
          : isPath
            ? ' -r -F'
            : asks === undefined
              ? " -x -a '(__kms_files)'"
              : ` -x -a '(__kms_known ${asks})'`;
    return `complete -c kms${condition} -l ${name.slice(2)}${value} -d ${fishQuoted(summary)}`;
  };
  const lines = all.flatMap(({ path, commands, options, takesFile }) => {
    const condition = ` -n ${fishQuoted(`__kms_at ${path}`.trim())}`;
    const words = commands.map(([word, summary]) => `complete -c kms${condition} -a ${word} -d ${fishQuoted(summary)}`);
    return words.concat(
      path === '' ? [] : options.map((option) => optionLine(condition, option)),
      takesFile ? [`complete -c kms${condition} -F`] : [],
    );
  });
  return [
    '# fish completion for kms',
    HEADER,
    `set -g __kms_flags ${names(({ takes }) => takes === 'nothing')}`,
    `set -g __kms_lists ${names(({ takes }) => takes === 'many')}`,
    `set -g __kms_paths ${paths.map(quoted).join(' ')}`,
    FISH.trim(),
    ...program!.options.map((option) => optionLine('', option)),
    ...lines,
    '',
  ].join('\n');
}

const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
