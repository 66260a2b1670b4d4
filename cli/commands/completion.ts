import { exitCodes, Misuse } from '../exit.ts';
import { print } from '../output.ts';

/** What a shell offers after `pcie`. */
export interface CommandWords {
  readonly name: string;
  readonly options: readonly string[];
}

/** `pcie completion SHELL`: a script for the shell to source. */
export function completion(shell: string, commands: readonly CommandWords[]): number {
  const names = commands.map((command) => command.name).join(' ');
  if (shell === 'bash') {
    const cases = commands.map((command) => `    ${command.name}) words="${command.options.join(' ')}" ;;`).join('\n');
    print(`_pcie() {
  local current=\${COMP_WORDS[COMP_CWORD]} words="${names}"
  if [ "$COMP_CWORD" -gt 1 ]; then
    words=""
    case "\${COMP_WORDS[1]}" in
${cases}
    esac
    [[ $current == -* ]] || words=""
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ "$COMP_CWORD" -gt 1 ] && [[ $current != -* ]] && COMPREPLY+=($(compgen -f -- "$current"))
}
complete -o filenames -F _pcie pcie`);
  } else if (shell === 'zsh') {
    print(`#compdef pcie\n_arguments '1:command:(${names})' '*:file:_files'`);
  } else if (shell === 'fish') {
    print(commands.map((command) => `complete -c pcie -n __fish_use_subcommand -a ${command.name}`).join('\n'));
  } else {
    throw new Misuse(`There is no completion for '${shell}': bash, zsh or fish.`);
  }
  return exitCodes.done;
}
