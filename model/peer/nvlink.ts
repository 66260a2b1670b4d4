import type { Connection, Machine } from '../machine.ts';

/** How NVLink (or another link of its kind) joins two devices: directly, or through an NVSwitch. */
export interface NvlinkPath {
  /** Connections in the order of the way from the first to the second, with the direction in which they are passed. */
  readonly connections: readonly { readonly connection: Connection; readonly forward: boolean }[];
  /** Links side by side, the least on the way. */
  readonly links: number;
  /** NVSwitches that the traffic is spread over; 1 for direct links. */
  readonly parallel: number;
}

const deviceTechnologies = new Set(['nvlink', 'c2c', 'infinity-fabric', 'xgmi']);

const joined = new WeakMap<Machine, ReadonlyMap<number, readonly Connection[]>>();

/** Connections of the kind at each device. */
function connectionsAt(machine: Machine): ReadonlyMap<number, readonly Connection[]> {
  const known = joined.get(machine);
  if (known !== undefined) return known;
  const made = new Map<number, Connection[]>();
  for (const connection of machine.connections) {
    if (!deviceTechnologies.has(connection.technology)) continue;
    for (const end of new Set([connection.from, connection.to])) {
      const here = made.get(end);
      if (here === undefined) made.set(end, [connection]);
      else here.push(connection);
    }
  }
  joined.set(machine, made);
  return made;
}

/** Links beside PCIe that end at a device. */
export function deviceLinks(machine: Machine, id: number): readonly Connection[] {
  return connectionsAt(machine).get(id) ?? [];
}

/** The NVLink path between two devices, or null. Several connections to several NVSwitches count together. */
export function nvlinkBetween(machine: Machine, a: number, b: number): NvlinkPath | null {
  if (machine.connections.length === 0 || a === b) return null;
  const at = connectionsAt(machine);
  const mine = at.get(a);
  const theirs = at.get(b);
  if (mine === undefined || theirs === undefined) return null;
  const direct = mine.filter((one) => one.from === b || one.to === b);
  const [first] = direct;
  if (first !== undefined) {
    const links = direct.reduce((sum, one) => sum + one.links, 0);
    return { connections: [{ connection: first, forward: first.from === a }], links, parallel: direct.length };
  }
  let best: NvlinkPath | null = null;
  let links = 0;
  let parallel = 0;
  for (const up of mine) {
    const middle = up.from === a ? up.to : up.from;
    if (machine.components[middle]?.kind !== 'nvswitch') continue;
    const down = theirs.find((one) => one.from === middle || one.to === middle);
    if (down === undefined) continue;
    links += Math.min(up.links, down.links);
    parallel++;
    best ??= {
      connections: [
        { connection: up, forward: up.from === a },
        { connection: down, forward: down.to === b },
      ],
      links: 0,
      parallel: 0,
    };
  }
  return best === null ? null : { ...best, links, parallel };
}
