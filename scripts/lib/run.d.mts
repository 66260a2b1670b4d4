import type { ChildProcess } from 'node:child_process';
export const root: string;
export function killTree(child: ChildProcess): void;
export function must(
  command: string,
  args: readonly string[],
  options?: { readonly cwd?: string; readonly timeoutSeconds?: number; readonly quiet?: boolean },
): Promise<string>;
