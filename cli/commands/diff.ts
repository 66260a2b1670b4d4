import { compareMachines } from '../../model/compare/changes.ts';
import { scopesOf } from '../../model/compare/scope.ts';
import { changesText } from '../../server/reports/changes.ts';
import { readAnyMachine } from '../any-machine.ts';
import { exitCodes } from '../exit.ts';
import { print, printJson } from '../output.ts';

/** `pcie diff A B`: two machines compared by their structure. */
export async function diff(first: string, second: string, options: { readonly json?: boolean }): Promise<number> {
  const [one, other] = [await readAnyMachine(first), await readAnyMachine(second)];
  const changes = compareMachines(one.machine, other.machine, scopesOf(one, other));
  if (options.json === true) printJson({ changes });
  else print(changesText(changes));
  return exitCodes.done;
}
