/** Exit codes of every command. */
export const exitCodes = { done: 0, failed: 1, misuse: 2, defect: 3 } as const;

/** Wrong use or unreadable input: the message goes to standard error, the exit code is 2. */
export class Misuse extends Error {
  override readonly name: string = 'Misuse';
}

export type InputCode = 'input/unreadable' | 'input/no-machine' | 'input/malformed';

/** A file that nothing can be made of: its message is a line as a compiler prints it, with the place. */
export class BadInput extends Misuse {
  override readonly name = 'BadInput';

  /** @param line counted from 1 */
  constructor(path: string, why: string, code: InputCode, line = 1) {
    super(`${path}:${line}:1: error: ${why} (${code})`);
  }
}

/** A misuse as it is printed. */
export function misuseText(error: Misuse): string {
  return error instanceof BadInput ? error.message : `pcie: error: ${error.message}`;
}

/** Why a file could not be read, from what the system says. */
export function unreadable(path: string, error: unknown): BadInput {
  const { code } = error as NodeJS.ErrnoException;
  const why =
    code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code ?? error);
  return new BadInput(path, `The file cannot be read: ${why}.`, 'input/unreadable');
}
