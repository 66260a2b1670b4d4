import type { NameIndex } from '../../language/elaborate/names.ts';
import type { SimulationResult } from '../../simulator/simulate.types.ts';

/**
 * The shortest names that mean the same, for the names in results: `ssd0` for `cpu0.rp0.sw0.p2.ssd0`. Names that are
 * as short as they can be, and those of connections, are left out. Where two machines have the same name, the first
 * machine is asked.
 */
export function shortNames(
  results: readonly SimulationResult[],
  machines: readonly NameIndex[],
): Readonly<Record<string, string>> {
  const names = new Set<string>();
  for (const run of results.flatMap((result) => result.runs)) {
    for (const { from, to, bottleneck, phases, reasons } of run.transfers) {
      for (const name of [from, to, bottleneck]) names.add(name);
      for (const { limitedBy, next } of phases) {
        names.add(limitedBy);
        if (next != null) names.add(next.limitedBy);
      }
      for (const { at } of reasons) if (at !== null) names.add(at);
    }
    for (const { name } of [...run.links, ...run.resources]) names.add(name);
  }
  const short: Record<string, string> = {};
  for (const name of names) {
    const known = machines.map((index) => shortestOf(name, index)).find((found) => found !== undefined);
    if (known !== undefined && known !== name) short[name] = known;
  }
  return short;
}

function shortestOf(name: string, index: NameIndex): string | undefined {
  const [thing, other] = index.lookup(name);
  if (thing === undefined || other !== undefined) return undefined;
  const component = index.shortest(thing.id);
  return thing.memory ? `${component}.memory` : component;
}
