import { functionAddress } from '../../model/discovery/buses.ts';
import { groupsJson, groupsText } from '../../server/reports/groups.ts';
import { exitCodes } from '../exit.ts';
import { load, machineOf } from '../load.ts';
import { print, printJson } from '../output.ts';

/** `pcie groups FILE` */
export async function groups(
  path: string,
  options: { readonly json?: boolean; readonly machine?: string },
): Promise<number> {
  const { machine } = machineOf(await load([path]), options.machine);
  const json = groupsJson(machine, (component, fn) => functionAddress(machine, component, fn));
  if (options.json === true) printJson(json);
  else print(groupsText(json, machine));
  return exitCodes.done;
}
