import type { Via } from '../../model/work.ts';
import { pathText } from '../../server/reports/path.ts';
import { describePath, type PathReport } from '../../simulator/path.ts';
import { exitCodes, Misuse } from '../exit.ts';
import { endOf, load, machineOf } from '../load.ts';
import { print, printJson } from '../output.ts';

export interface PathOptions {
  readonly json?: boolean;
  readonly machine?: string;
  readonly via?: string;
  readonly tax?: string;
}

/** The tax setting that an option names. */
export function taxOf(text: string | undefined): 'worst-case' | 'measured' {
  if (text === undefined || text === 'measured') return 'measured';
  if (text === 'worst-case') return text;
  throw new Misuse(`--tax is worst-case or measured, not '${text}'.`);
}

/** `pcie path FILE FROM TO` */
export async function path(file: string, from: string, to: string, options: PathOptions): Promise<number> {
  const { via } = options;
  if (via !== undefined && via !== 'auto' && via !== 'p2p' && via !== 'host')
    throw new Misuse(`--via is auto, p2p or host, not '${via}'.`);
  const elaborated = machineOf(await load([file]), options.machine);
  const ends = [endOf(elaborated, from), endOf(elaborated, to)] as const;
  const report = describePath(elaborated.machine, ends[0], ends[1], {
    tax: taxOf(options.tax),
    via: (via ?? 'auto') as Via,
  });
  if (options.json === true) printJson({ ...report, hops: hopsJson(report) });
  else print(pathText(report));
  return exitCodes.done;
}

/**
 * Hops as plain numbers: of one that is not known to limit anything, what the fastest of the others brings to it or takes
 * from it, since more never passes.
 */
function hopsJson({ hops, bytesPerSecond }: PathReport): readonly unknown[] {
  const fastest = Math.max(bytesPerSecond, ...hops.map((hop) => hop.bytesPerSecond ?? 0));
  return hops.map((hop) => ({ ...hop, bytesPerSecond: hop.bytesPerSecond ?? fastest }));
}
