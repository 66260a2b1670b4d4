import type { Machine } from '../../model/machine.ts';
import type { Bottleneck } from '../../simulator/explain/explain.types.ts';
import type { RunRecord } from '../protocol.ts';
import type { DiagramLimit, DiagramLoad } from './diagram.types.ts';

/** Limits that are told of: nobody reads more, and a picture with more marks than this points at nothing. */
const mostLimits = 12;

/** What held back at least this share of the time of the longest one is a bottleneck of the run as well. */
const alike = 0.9;

/** Work that a limit is said to hold back. */
const mostNamed = 3;

/** The most that any run of the newest record made of each link: what runs apart does not add up. */
export function loadOf(machine: Machine, names: readonly string[], runs: readonly RunRecord[]): DiagramLoad | null {
  const known = new Set(machine.links.map((link) => link.name));
  const record = runs.find((each) =>
    each.variants.some(({ result }) => result.runs.some((run) => run.links.some((use) => known.has(use.name)))),
  );
  if (record === undefined) return null;
  const links: Record<string, { up: number; down: number }> = {};
  const resources: Record<string, number> = {};
  // A comparison has a run for each way; the first is the one that is asked for.
  for (const run of record.variants[0]?.result.runs ?? []) {
    for (const use of run.links) {
      if (!known.has(use.name)) continue;
      const before = links[use.name] ?? { up: 0, down: 0 };
      links[use.name] = { ...before, [use.direction]: Math.max(before[use.direction], use.utilisation) };
    }
    for (const use of run.resources) {
      resources[use.name] = Math.max(resources[use.name] ?? 0, use.utilisation);
    }
  }
  return { run: record.name, stale: record.stale, links, resources, limits: limitsOf(machine, names, record) };
}

/** What held back the work of each run for the longest time, with all that did so for about as long. */
function limitsOf(
  machine: Machine,
  names: readonly string[],
  { variants, shortNames = {} }: RunRecord,
): DiagramLimit[] {
  const [asked] = variants;
  if (asked === undefined) return [];
  const places = new Set([
    ...names,
    ...machine.links.map((link) => link.name),
    ...machine.connections.map((connection) => connection.name),
  ]);
  const short = (name: string): string => shortNames[name] ?? name;
  const found = new Map<string, { limit: Bottleneck; held: Set<string>; count: number }>();
  for (const [index, { bottlenecks }] of asked.explanations.entries()) {
    const longest = bottlenecks[0]?.seconds ?? 0;
    const run = asked.result.runs[index]?.name ?? '';
    for (const limit of bottlenecks) {
      if (limit.seconds <= 0 || limit.seconds < alike * longest) continue;
      const known = found.get(limit.limitedBy) ?? { limit, held: new Set<string>(), count: 0 };
      // The work of a run of one transfer has the name of the run.
      for (const name of limit.copies) known.held.add(name.includes(' -> ') ? `${short(name)} (${run})` : name);
      known.count += limit.copyCount;
      if (limit.share > known.limit.share) known.limit = limit;
      found.set(limit.limitedBy, known);
    }
  }
  return [...found.values()].slice(0, mostLimits).map(({ limit, held, count }) => ({
    name: short(limit.limitedBy),
    at: placeOf(limit.limitedBy, places),
    kind: limit.kind,
    share: limit.share,
    holds: [...held].slice(0, mostNamed),
    holdsCount: Math.max(count, held.size),
  }));
}

/** Where in the picture a limit is: `cpu0.memory` is at cpu0, `cpu0.rp0.gpu0 copy engine` at its GPU. */
function placeOf(limit: string, places: ReadonlySet<string>): string | null {
  const candidates = [limit, limit.replace(/\.memory$/, ''), limit.split(/[\s/]/)[0] ?? ''];
  return candidates.find((name) => places.has(name)) ?? null;
}
