import { compareMachines } from '../../model/compare/changes.ts';
import { changesText } from '../../server/reports/changes.ts';
import { readAnyMachine } from '../any-machine.ts';
import { exitCodes } from '../exit.ts';
import { print, printJson } from '../output.ts';

/** `pcie diff A B`: two machines compared by their structure. */
export async function diff(first: string, second: string, options: { readonly json?: boolean }): Promise<number> {
  const changes = compareMachines(await readAnyMachine(first), await readAnyMachine(second));
  if (options.json === true) printJson({ changes });
  else print(changesText(changes));
  return exitCodes.done;
}
