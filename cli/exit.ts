/** Exit codes of every command. */
export const exitCodes = { done: 0, failed: 1, misuse: 2, defect: 3 } as const;

/** Wrong use or unreadable input: the message goes to standard error, the exit code is 2. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}
