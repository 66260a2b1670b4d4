import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where lines go. */
let write = (text: string): void => void process.stdout.write(text);

/** Writes a line to standard output. */
export function print(text: string): void {
  write(text.endsWith('\n') ? text : `${text}\n`);
}

/** What is printed meanwhile, instead of standard output. Not twice at a time. */
export async function collected(run: () => Promise<unknown>): Promise<string> {
  const before = write;
  let all = '';
  write = (text) => {
    all += text;
  };
  try {
    await run();
    return all;
  } finally {
    write = before;
  }
}

/** JSON for programs: infinities and NaN, which JSON does not know, become null; addresses hexadecimal. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `0x${item.toString(16)}` : item), 2));
}

/** A file for people: relative to the working folder where that is shorter. */
export function displayPath(uri: string): string {
  if (!uri.startsWith('file:')) return uri;
  const path = fileURLToPath(uri);
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}
