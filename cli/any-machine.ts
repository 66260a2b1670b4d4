import { existsSync } from 'node:fs';
import { machineFrom } from '../formats/observed/machine.ts';
import { mergeObserved } from '../formats/observed/merge.ts';
import { machineNameOf } from '../formats/text-readers.ts';
import { type Description, scopeOfText } from '../model/compare/scope.ts';
import { catalogueParts, formatOf, orBadInput, readOne } from './commands/import.ts';
import { BadInput } from './exit.ts';
import { load, machineOf } from './load.ts';

/** A machine as described (`.pcie`) or as it says of itself (any format that can be imported). */
export async function readAnyMachine(path: string): Promise<Description> {
  if (!existsSync(path))
    throw new BadInput(path, 'The file cannot be read: there is no such file.', 'input/unreadable');
  if (path.endsWith('.pcie')) {
    const { machine } = machineOf(await load([path]), undefined);
    return { machine, isText: true, scope: scopeOfText(machine) };
  }
  const observed = mergeObserved([readOne(formatOf(path), path)]);
  const parts = await catalogueParts();
  const name = observed.name ?? machineNameOf(path);
  const { machine, scope } = orBadInput(path, () => machineFrom(observed, { parts, name }));
  if (machine.components.length === 0)
    throw new BadInput(path, 'There is no machine in this file.', 'input/no-machine');
  return { machine, isText: false, scope };
}
