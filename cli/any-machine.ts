import { existsSync, readFileSync, statSync } from 'node:fs';
import { machineFrom } from '../formats/observed/machine.ts';
import { mergeObserved } from '../formats/observed/merge.ts';
import type { Machine } from '../model/machine.ts';
import { catalogueParts, machineName, readOne } from './commands/import.ts';
import { Misuse } from './exit.ts';
import { load, machineOf } from './load.ts';

/** A machine as described (`.pcie`) or as it says of itself (any format that can be imported). */
export async function readAnyMachine(path: string): Promise<Machine> {
  if (!existsSync(path)) throw new Misuse(`${path}: cannot be read: there is no such file`);
  if (path.endsWith('.pcie')) return machineOf(await load([path]), undefined).machine;
  const observed = mergeObserved([readOne(formatOf(path), path)]);
  const { machine } = machineFrom(observed, {
    parts: await catalogueParts(),
    name: observed.name ?? machineName(path),
  });
  if (machine.components.length === 0) throw new Misuse(`${path}: there is no machine in it.`);
  return machine;
}

/** Enough of a file to see what it is. */
const headBytes = 4096;

/** The format of a dump, by its first lines. */
function formatOf(path: string): string {
  if (statSync(path).isDirectory() || /\.(tar|tgz|tar\.\w+)$/.test(path)) return 'sysfs';
  const head = readFileSync(path).subarray(0, headBytes).toString('latin1');
  if (/<system\b/.test(head)) return 'nccl';
  if (/<topology\b|<!DOCTYPE topology/.test(head)) return 'hwloc';
  if (/^P: \//m.test(head)) return 'udevadm';
  if (/^-(?:device|M|machine)\b/m.test(head)) return 'qemu';
  return 'lspci';
}
