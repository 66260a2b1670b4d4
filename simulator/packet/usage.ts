import type { Machine } from '../../model/machine.ts';
import type { LinkUse, ResourceUse } from '../simulate.types.ts';
import type { StationUse } from './mover.ts';

/** What links and other resources carried in a packet run of `makespanSeconds`, links in the order of the machine. */
export function packetUsage(
  machine: Machine,
  stations: readonly StationUse[],
  makespanSeconds: number,
): { links: LinkUse[]; resources: ResourceUse[] } {
  const share = (busySeconds: number) => (makespanSeconds > 0 ? Math.min(1, busySeconds / makespanSeconds) : 0);
  const links: { readonly order: number; readonly use: LinkUse }[] = [];
  const resources: ResourceUse[] = [];
  for (const { key, kind, name, payloadBytes, wireBytes, busySeconds } of stations) {
    const [, link, direction] = /^link:(\d+):(up|down)$/.exec(key) ?? [];
    if (link !== undefined && (direction === 'up' || direction === 'down')) {
      const use = { name, direction, payloadBytes, wireBytes, utilisation: share(busySeconds) } as const;
      links.push({ order: 2 * Number(link) + (direction === 'up' ? 0 : 1), use });
    } else if (kind === 'memory' || kind === 'interconnect' || kind === 'root-complex' || kind === 'device') {
      resources.push({ name, kind, bytes: payloadBytes, utilisation: share(busySeconds) });
    }
  }
  links.sort((a, b) => a.order - b.order);
  return { links: links.filter(({ order }) => order < 2 * machine.links.length).map(({ use }) => use), resources };
}
