import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { load } from '../../cli/load.ts';
import type { Machine } from '../../model/machine.ts';

const folder = resolve(import.meta.dirname, '../../examples');

/** The examples that ship, those of the lecture among them, by their paths. */
export const exampleFiles = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.pcie'))
  .sort();

const known = new Map<string, Promise<readonly Machine[]>>();

/** The machines of an example, read once. */
export function machinesOf(file: string): Promise<readonly Machine[]> {
  const before = known.get(file);
  if (before !== undefined) return before;
  const made = load([resolve(folder, file)]).then(({ pcie, documents }) =>
    documents.flatMap((document) => pcie.Elaborations.get(document).machines.map(({ machine }) => machine)),
  );
  known.set(file, made);
  return made;
}
