import type { Connection, Machine } from '../machine.ts';
import type { Sourced } from '../origin.ts';

/** How NVLink (or another link of its kind) joins two devices: directly, or through an NVSwitch. */
export interface NvlinkPath {
  /** Connections in the order of the way from the first to the second, with the direction in which they are passed. */
  readonly connections: readonly { readonly connection: Connection; readonly forward: boolean }[];
  /** Links side by side, the least on the way. */
  readonly links: number;
  /** All links over those of the connection that stands for them: 1 where there is no other. */
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
    return { connections: [{ connection: first, forward: first.from === a }], links, parallel: links / first.links };
  }
  let best: NvlinkPath | null = null;
  let links = 0;
  let firstLinks = 0;
  for (const up of mine) {
    const middle = up.from === a ? up.to : up.from;
    if (machine.components[middle]?.kind !== 'nvswitch') continue;
    const down = theirs.find((one) => one.from === middle || one.to === middle);
    if (down === undefined) continue;
    links += Math.min(up.links, down.links);
    firstLinks ||= Math.min(up.links, down.links);
    best ??= {
      connections: [
        { connection: up, forward: up.from === a },
        { connection: down, forward: down.to === b },
      ],
      links: 0,
      parallel: 0,
    };
  }
  return best === null ? null : { ...best, links, parallel: links / firstLinks };
}

/** One direction of one NVLink, by the least compute capability of the GPU that has it. */
const linkRates: readonly (readonly [capability: number, rate: Sourced<number>])[] = [
  [10, { value: 50e9, source: 'NVLink 5: 1.8 TB/s both ways by 18 links (nvidia.com/en-us/data-center/nvlink)' }],
  [9, { value: 25e9, source: 'NVLink 4: 900 GB/s both ways by 18 links (NVIDIA H100 data sheet)' }],
  [8.6, { value: 14.0625e9, source: 'NVLink 3 of GA102: 14.0625 GB/s each way of a link (NVIDIA GA102 white paper)' }],
  [8, { value: 25e9, source: 'NVLink 3: 600 GB/s both ways by 12 links (NVIDIA A100 data sheet)' }],
  [7, { value: 25e9, source: 'NVLink 2: 300 GB/s both ways by 6 links (NVIDIA V100 data sheet)' }],
  [6, { value: 20e9, source: 'NVLink 1: 160 GB/s both ways by 4 links (NVIDIA Tesla P100 white paper)' }],
];

/**
 * Bytes per second of a connection beside PCIe in one direction: what is said of it, else what NVIDIA states for a link of
 * a GPU of this compute capability; null where neither is known.
 */
export function deviceLinkBytesPerSecond(machine: Machine, connection: Connection): Sourced<number> | null {
  const { bytesPerSecond, links, technology, from, to } = connection;
  if (bytesPerSecond !== null) return { value: bytesPerSecond, source: 'the text' };
  if (technology !== 'nvlink') return null;
  const capabilities = [from, to].flatMap((id) => {
    const said = machine.components[id]?.settings.computeCapability;
    return said === undefined ? [] : [Number(said)];
  });
  const least = Math.min(...capabilities);
  const rate = linkRates.find(([capability]) => Number.isFinite(least) && least >= capability)?.[1];
  return rate === undefined ? null : { value: rate.value * Math.max(1, links), source: rate.source };
}
