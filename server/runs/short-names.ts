import type { NameIndex } from '../../language/elaborate/names.ts';
import type { VariantRun } from '../protocol.ts';

/**
 * The shortest names that mean the same, for the names in results: `ssd0` for `cpu0.rp0.sw0.p2.ssd0`. Names that are
 * as short as they can be, and those of connections, are left out. Where two machines have the same name, the first
 * machine is asked.
 */
export function shortNames(
  variants: readonly Pick<VariantRun, 'result' | 'explanations'>[],
  machines: readonly NameIndex[],
): Readonly<Record<string, string>> {
  const short: Record<string, string> = {};
  const shorten = (name: string): string => {
    const known = machines.map((index) => shortestOf(name, index)).find((found) => found !== undefined);
    return known ?? name;
  };
  for (const name of namesIn(variants)) {
    // `cpu0.rp0.gpu0 copy engine`, `cpu0.rp0.ssd0/queue 1`, `cpu0.memory -> cpu0.rp0.gpu0`: names and words.
    const found = name.replaceAll(/[^\s/()]+/g, shorten);
    if (found !== name) short[name] = found;
  }
  return short;
}

function namesIn(variants: readonly Pick<VariantRun, 'result' | 'explanations'>[]): Set<string> {
  const names = new Set<string>();
  const add = (name: string | null | undefined): void => {
    if (name != null) names.add(name);
  };
  for (const { result, explanations } of variants) {
    for (const run of result.runs) {
      for (const { from, to, bottleneck, phases, reasons } of run.transfers) {
        for (const name of [from, to, bottleneck]) add(name);
        for (const { limitedBy, next } of phases) for (const name of [limitedBy, next?.limitedBy]) add(name);
        for (const { at } of reasons) add(at);
      }
      for (const { bottleneck, nextLimit, phases = [] } of run.activities ?? []) {
        for (const name of [bottleneck, nextLimit?.limitedBy]) add(name);
        for (const { limitedBy, next } of phases) for (const name of [limitedBy, next?.limitedBy]) add(name);
      }
      for (const { name } of [...run.links, ...run.resources]) add(name);
    }
    for (const { bottlenecks, transfers, use, work, queues } of explanations) {
      for (const { limitedBy, next, copies } of bottlenecks)
        for (const name of [limitedBy, next?.limitedBy, ...copies]) add(name);
      for (const { latency } of transfers) for (const { name } of latency) add(name);
      for (const { name } of [...use, ...work, ...queues]) add(name);
    }
  }
  return names;
}

function shortestOf(name: string, index: NameIndex): string | undefined {
  const [thing, other] = index.lookup(name);
  if (thing === undefined || other !== undefined) return undefined;
  const component = index.shortest(thing.id);
  return thing.memory ? `${component}.memory` : component;
}
