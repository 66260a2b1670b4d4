import type { FlowWorkload } from '../simulator/engine/run-flows.ts';

/** A tree of sockets, root ports, switches and endpoints, and flows on it. */
export interface WorkloadShape {
  readonly endpoints: number;
  readonly flows: number;
  /** All at once, or Poisson at 90 % of what the busiest resource carries. */
  readonly arrivals: 'burst' | 'rho90';
  /** Ends anywhere, or mostly under one switch. */
  readonly traffic: 'mixed' | 'local';
  readonly seed: number;
}

interface Tree {
  readonly capacities: Float64Array;
  /** Endpoints and memories. */
  readonly endpoints: readonly number[];
  readonly memories: readonly number[];
  readonly route: (from: number, to: number) => number[];
  readonly siblings: (endpoint: number) => readonly number[];
}

/** Mulberry32: small, seeded, the same everywhere (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const gen = { x4: 31.5077e9 / 4, x8: 31.5077e9 / 2, x16: 31.5077e9, uplink: 63.0154e9 };

/** Switches of 16 endpoints, 8 switches a socket, sockets in a row. Every link has two directions of their own. */
function makeTree(endpointCount: number, next: () => number): Tree {
  const capacities: number[] = [];
  const parent: number[] = [];
  const up: number[] = [];
  const down: number[] = [];
  const depth: number[] = [];
  const node = (above: number, capacity: number): number => {
    const id = parent.push(above) - 1;
    up.push(capacities.push(capacity) - 1);
    down.push(capacities.push(capacity) - 1);
    depth.push(above < 0 ? 0 : (depth[above] ?? 0) + 1);
    return id;
  };
  const root = node(-1, Number.POSITIVE_INFINITY);
  const endpoints: number[] = [];
  const memories: number[] = [];
  const socketCount = Math.max(1, Math.ceil(endpointCount / 128));
  for (let socketAt = 0; socketAt < socketCount; socketAt++) {
    const socket = node(root, 96e9);
    memories.push(node(socket, 300e9));
    while (endpoints.length < Math.min(endpointCount, (socketAt + 1) * 128)) {
      const port = node(socket, 128e9);
      const hub = node(port, gen.uplink);
      for (let at = 0; at < 16 && endpoints.length < endpointCount; at++) {
        endpoints.push(node(hub, [gen.x4, gen.x8, gen.x16, gen.uplink][Math.floor(next() * 4)] ?? gen.x4));
      }
    }
  }
  const route = (from: number, to: number): number[] => {
    const links: number[] = [];
    const tail: number[] = [];
    let a = from;
    let b = to;
    while (a !== b) {
      if ((depth[a] ?? 0) >= (depth[b] ?? 0)) {
        links.push(up[a] ?? 0);
        a = parent[a] ?? root;
      } else {
        tail.push(down[b] ?? 0);
        b = parent[b] ?? root;
      }
    }
    return [...links, ...tail.reverse()];
  };
  const siblings = (endpoint: number) =>
    endpoints.filter((one) => parent[one] === parent[endpoint] && one !== endpoint);
  return { capacities: Float64Array.from(capacities), endpoints, memories, route, siblings };
}

/** Flows of 4 KiB to 16 MiB, spread evenly over the logarithm; 40 % towards memory, 30 % from it, the rest between devices. */
export function makeWorkload(shape: WorkloadShape): FlowWorkload {
  const next = random(shape.seed);
  const tree = makeTree(shape.endpoints, next);
  const pick = (list: readonly number[]): number => list[Math.floor(next() * list.length)] ?? 0;
  const flows = Array.from({ length: shape.flows }, () => {
    const endpoint = pick(tree.endpoints);
    const kind = next();
    const near = shape.traffic === 'local' && next() < 0.9 ? tree.siblings(endpoint) : [];
    let other = pick(near.length > 0 ? near : tree.endpoints);
    let ends: [number, number] = [endpoint, other];
    if (near.length === 0 && kind < 0.7) {
      other = pick(tree.memories);
      ends = kind < 0.4 ? [endpoint, other] : [other, endpoint];
    }
    const bytes = Math.round(4096 * 4096 ** next());
    return { bytes, startSeconds: 0, resources: tree.route(...ends) };
  }).filter((flow) => flow.resources.length > 0);
  if (shape.arrivals === 'burst') return { capacities: tree.capacities, flows };
  const load = new Float64Array(tree.capacities.length);
  for (const flow of flows) for (const one of flow.resources) load[one] = (load[one] ?? 0) + flow.bytes;
  const busiest = load.reduce((most, bytes, index) => Math.max(most, bytes / (tree.capacities[index] ?? 1)), 0);
  const gap = busiest / 0.9 / flows.length;
  let at = 0;
  return {
    capacities: tree.capacities,
    flows: flows.map((flow) => {
      at += -Math.log(1 - next()) * gap;
      return { ...flow, startSeconds: at };
    }),
  };
}
