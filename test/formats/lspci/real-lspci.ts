import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether the real tool is installed (Debian: pciutils). */
export const hasLspci = spawnSync('lspci', ['--version']).status === 0;

export interface Listing {
  readonly text: string;
  /** What it says on standard error, without a word about kernel modules of this machine. */
  readonly complaints: string;
  /** The lines of each function, by address. */
  readonly functions: ReadonlyMap<string, string>;
}

/** A dump as `lspci -F` lists it. */
export function listDump(dump: string, ...options: string[]): Listing {
  const folder = mkdtempSync(join(tmpdir(), 'lspci-'));
  try {
    const file = join(folder, 'dump.txt');
    writeFileSync(file, dump);
    const { stdout, stderr, status } = spawnSync('lspci', ['-F', file, '-D', ...options], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) throw new Error(`lspci ended with ${status}: ${stderr}`);
    const complaints = stderr
      .split('\n')
      .filter((line) => line !== '' && !line.includes('libkmod'))
      .join('\n');
    const functions = new Map(
      stdout
        .split('\n\n')
        .filter((block) => block.trim() !== '')
        .map((block) => [block.trimStart().split(' ')[0] ?? '', block]),
    );
    return { text: stdout, complaints, functions };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The first line of a block that begins with this label, without it; null where there is none. */
export function lineOf(block: string, label: string): string | null {
  const line = block.split('\n').find((one) => one.trimStart().startsWith(label));
  return line === undefined ? null : line.trimStart().slice(label.length).trim();
}
