import { enumerate as discover } from '../../model/discovery/enumerate.ts';
import { firmwareProfiles } from '../../model/discovery/topology.ts';
import { enumerateJson, enumerateText } from '../../server/reports/enumerate.ts';
import { exitCodes, Misuse } from '../exit.ts';
import { load, machineOf } from '../load.ts';
import { print, printJson } from '../output.ts';

export interface EnumerateOptions {
  readonly firmware: string;
  readonly steps?: boolean;
  readonly machine?: string;
  readonly json?: boolean;
}

/** `pcie enumerate FILE` */
export async function enumerate(path: string, options: EnumerateOptions): Promise<number> {
  const firmware = firmwareProfiles.find((one) => one === options.firmware);
  if (firmware === undefined) {
    throw new Misuse(`--firmware is one of ${firmwareProfiles.join(', ')}, not '${options.firmware}'.`);
  }
  const { machine } = machineOf(await load([path]), options.machine);
  const json = enumerateJson(machine, discover(machine, { firmware, steps: options.steps === true }));
  if (options.json === true) printJson(json);
  else print(enumerateText(json));
  return exitCodes.done;
}
