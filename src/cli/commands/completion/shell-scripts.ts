/**
 * The scripts that teach a shell to complete runseal's command line.
 *
 * Each one hands the words up to the cursor to `runseal __complete`, as they were typed, and reads lines: first which paths the shell
 * shall complete itself, then a word and its description a line. No script evaluates what it reads or what was typed. All call the
 * `runseal` of PATH: the typed one may be a program in the folder of a stranger.
 *
 * @module
 */

import { COMPLETE_WORD } from "../../options/asking-words.ts";

/** Shells that have a script. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type Shell = (typeof SHELLS)[number];

/**
 * bash splits words at the characters of COMP_WORDBREAKS, such as `=`, and replaces only the part behind the last one, or from the last
 * `@` on. So the script joins what stands together, and takes that beginning off the answers. Paths are left to readline, which quotes them.
 */
const BASH = `# Completes the command line of runseal in bash: eval "$(runseal completion bash)"
_runseal() {
  local rest="\${COMP_LINE:0:COMP_POINT}" word="" blank="" last="" paths="" answer="" line="" i
  local space=$' \\t'
  local -a words=()
  for ((i = 0; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    blank="\${rest%%[!$space]*}"
    rest="\${rest#"$blank"}"
    rest="\${rest#"$word"}"
    if [[ -n $blank || i -eq 0 ]]; then words+=("$word"); else words[\${#words[@]}-1]+="$word"; fi
  done
  blank="\${rest%%[!$space]*}"
  last="\${rest#"$blank"}"
  if [[ -z $blank && \${#words[@]} -gt 1 ]]; then
    last="\${words[\${#words[@]}-1]}$last"
    unset "words[\${#words[@]}-1]"
  fi
  local broken=""
  for i in "=" ":" "@"; do
    if [[ $COMP_WORDBREAKS == *"$i"* && $last == *"$i"* ]]; then
      word="\${last%"\${last##*"$i"}"}"
      if [[ $i == "@" ]]; then word="\${word%@}"; fi
      if [[ \${#word} -gt \${#broken} ]]; then broken="$word"; fi
    fi
  done
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $paths ]]; then paths="$line"; continue; fi
    answer="\${line%%$'\\t'*}"
    COMPREPLY+=("\${answer#"$broken"}")
  done < <(command runseal ${COMPLETE_WORD} "\${words[@]:1}" "$last" 2>/dev/null </dev/null)
  case "$paths" in
    files) ;;
    folders) compopt +o default -o dirnames 2>/dev/null ;;
    *) compopt +o default 2>/dev/null ;;
  esac
}
complete -o default -F _runseal runseal
`;

/** zsh's compadd quotes what it inserts. */
const ZSH = `#compdef runseal
# Completes the command line of runseal in zsh: a file _runseal in a folder of fpath, or eval "$(runseal completion zsh)"
_runseal() {
  local paths line word
  local -a values shown
  while IFS= read -r line; do
    if [[ -z $paths ]]; then
      paths=$line
      continue
    fi
    word=\${line%%$'\\t'*}
    values+=("$word")
    if [[ -n \${line#*$'\\t'} ]]; then
      shown+=("$word  \${line#*$'\\t'}")
    else
      shown+=("$word")
    fi
  done < <(command runseal ${COMPLETE_WORD} "\${(@)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null </dev/null)
  local found=1
  if (( \${#values} )); then
    compadd -l -d shown -a values && found=0
  fi
  case $paths in
    files) [[ $PREFIX == --*=* ]] && compset -P '*='; _files && found=0 ;;
    folders) [[ $PREFIX == --*=* ]] && compset -P '*='; _files -/ && found=0 ;;
  esac
  return found
}
if [[ "\${funcstack[1]}" == _runseal ]]; then
  _runseal "$@"
else
  compdef _runseal runseal
fi
`;

/** fish quotes what it inserts. */
const FISH = `# Completes the command line of runseal in fish: ~/.config/fish/completions/runseal.fish
function __runseal_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l lines (command runseal ${COMPLETE_WORD} $words[2..-1] "$typed" 2>/dev/null </dev/null)
    for line in $lines[2..-1]
        echo -- $line
    end
    set -l lead (string match -r -- '^--[^=]*=' "$typed")
    set -l rest (string replace -r -- '^--[^=]*=' '' "$typed")
    switch "$lines[1]"
        case files
            for path in (__fish_complete_path "$rest")
                echo -- "$lead$path"
            end
        case folders
            for path in (__fish_complete_directories "$rest" '')
                echo -- "$lead$path"
            end
    end
end
complete -c runseal -f -a '(__runseal_complete)'
`;

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };

/** The script for a shell. */
export function scriptFor(shell: Shell): string {
  return SCRIPTS[shell];
}
