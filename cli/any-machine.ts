import { existsSync } from 'node:fs';
import { machineFrom } from '../formats/observed/machine.ts';
import { mergeObserved } from '../formats/observed/merge.ts';
import { machineNameOf } from '../formats/text-readers.ts';
import type { Machine } from '../model/machine.ts';
import { catalogueParts, formatOf, readOne } from './commands/import.ts';
import { Misuse } from './exit.ts';
import { load, machineOf } from './load.ts';

/** A machine as described (`.pcie`) or as it says of itself (any format that can be imported). */
export async function readAnyMachine(path: string): Promise<Machine> {
  if (!existsSync(path)) throw new Misuse(`${path}: cannot be read: there is no such file`);
  if (path.endsWith('.pcie')) return machineOf(await load([path]), undefined).machine;
  const observed = mergeObserved([readOne(formatOf(path), path)]);
  const { machine } = machineFrom(observed, {
    parts: await catalogueParts(),
    name: observed.name ?? machineNameOf(path),
  });
  if (machine.components.length === 0) throw new Misuse(`${path}: there is no machine in it.`);
  return machine;
}
