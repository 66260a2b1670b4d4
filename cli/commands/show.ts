import { showJson, showText } from '../../server/reports/show.ts';
import { exitCodes } from '../exit.ts';
import { load, machineOf } from '../load.ts';
import { print, printJson } from '../output.ts';

/** `pcie show FILE` */
export async function show(
  path: string,
  options: { readonly json?: boolean; readonly machine?: string },
): Promise<number> {
  const { machine } = machineOf(await load([path]), options.machine);
  if (options.json === true) printJson(showJson(machine));
  else print(showText(machine, 'measured'));
  return exitCodes.done;
}
