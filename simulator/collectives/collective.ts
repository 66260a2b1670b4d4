import { componentAt, type Machine } from '../../model/machine.ts';
import type { Reason } from '../../model/origin.ts';
import type { EndpointRef, OtherActivity, Via } from '../../model/work.ts';
import type { PlannedActivity } from '../activities.ts';
import { type PlannedCopy, steadyState } from '../demands.ts';
import { refusesStreams } from '../drivers/gpu/drivers.ts';
import { runTasks } from '../engine/flow.ts';
import { Plan } from '../plan.ts';
import { devicesOf, longest, rate } from '../results.ts';
import { busFactor, type CollectiveKind, isCollective } from './bus-bandwidth.ts';
import {
  type Algorithm,
  baseLatency,
  latencyClass,
  nvlinkCost,
  type Protocol,
  pcieShare,
  protocolCost,
  protocolShare,
  protocols,
  stepLatency,
  switchCost,
  type Transfer,
  transport,
} from './nccl.ts';
import { findRings, membersOf, type Ring, reducesInSwitch } from './rings.ts';

/** One neighbour to the next: how the data goes there. */
interface Edge {
  readonly from: EndpointRef;
  readonly to: EndpointRef;
  readonly transfer: Transfer;
  readonly planned: PlannedCopy;
}

interface Choice {
  readonly algorithm: Algorithm;
  readonly protocol: Protocol;
}

const end = (component: number): EndpointRef => ({ component, memory: false });

/** A collective over GPUs (and the NICs by which it leaves the machine), as NCCL would do it. */
export function planCollective(plan: Plan, activity: OtherActivity): PlannedActivity {
  const { machine } = plan;
  const { settings } = activity;
  const kind: CollectiveKind = isCollective(settings.collective) ? settings.collective : 'all-reduce';
  const bytes = typeof settings.bytes === 'number' ? settings.bytes : 0;
  const { ranks, nics } = membersOf(machine, devicesOf([...activity.over, ...activity.on]));
  const refusal = bytes > 0 ? refusesCollective(machine, activity) : 'say how much: `size 1 GiB`.';
  if (refusal !== null) return { leftOut: [`collective ${activity.name}: ${refusal}`], result: () => null };
  if (!isCollective(settings.collective)) {
    plan.assumptions.add(`collective ${activity.name}: no operation said, taken as all-reduce.`);
  }
  if (nics.length > 0) {
    plan.assumptions.add(
      `collective ${activity.name}: the far side of the network keeps up; the ranks counted are those of this machine.`,
    );
  }
  const asked: Via = settings.via === 'host' || settings.via === 'p2p' ? settings.via : 'auto';
  const edge = (from: number, to: number): Edge => {
    const transfer = transport(machine, from, to, ranks.length, asked);
    // Kernels store to their neighbour: the sender masters the bus, but for what a NIC fetches or brings.
    const initiator = componentAt(machine, to).kind === 'nic' ? to : from;
    return {
      from: end(from),
      to: end(to),
      transfer,
      planned: plan.way(end(from), end(to), { via: transfer.via, initiator, byKernels: true }),
    };
  };
  const rings = findRings(machine, ranks, nics);
  const edges = rings.map((ring) => ringEdges(ring, edge));
  const cut = edges.flat(2).find((one) => one.planned.route.route === 'none');
  if (cut !== undefined) {
    const names = [cut.from, cut.to].map((one) => componentAt(machine, one.component).name).join(' to ');
    return { leftOut: [`collective ${activity.name}: no way leads from ${names}.`], result: () => null };
  }
  if (typeof settings.runtimeSeconds === 'number') {
    const { runtimeSeconds, ...rest } = settings;
    return planCollective(plan, {
      ...activity,
      settings: { ...rest, repeat: roundsIn(plan, activity, runtimeSeconds) },
    });
  }
  const inSwitch = nics.length === 0 && asked === 'auto' && reducesInSwitch(machine, ranks);
  if (settings.algorithm === 'nvls' && !(inSwitch && kind === 'all-reduce')) {
    plan.assumptions.add(
      `collective ${activity.name}: nvls is for all-reduce of Hopper and later behind NVSwitches; a ring instead.`,
    );
  }
  const choice = choose(kind, bytes, ranks.length, edges, settings.algorithm, inSwitch);
  const repeat = typeof settings.repeat === 'number' ? settings.repeat : 1;
  const rounds = Math.min(repeat, mostRounds(ranks.length * ranks.length * rings.length));
  const tasks: number[] = [];
  // Rounds beyond those that are worth tasks of their own make the others longer.
  const writer = new CollectiveWriter(plan, activity.name, choice, tasks, repeat / rounds, rings.length);
  let done: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const begin = writer.begin(done, activity.startSeconds);
    done = [];
    if (kind === 'all-to-all') done.push(...writer.allToAll(ranks, edge, bytes, begin));
    else {
      rings.forEach((ring, index) => {
        const ring_ = edges[index] ?? [];
        const share = bytes * ring.share;
        if (kind === 'broadcast') done.push(...writer.chain(chainOf(ring_), share, begin, 0));
        else if (choice.algorithm === 'nvls') done.push(...writer.inSwitch(ring_.flat(), ranks, share, begin));
        else if (choice.algorithm === 'tree') done.push(...writer.tree(ring, edge, share, begin));
        else done.push(...writer.ring(ring_, ranks.length, kind === 'all-reduce' ? 2 : 1, share, begin));
      });
    }
  }
  return {
    leftOut: [],
    tasks,
    result: (times) => {
      const endSeconds = done.reduce((latest, task) => Math.max(latest, times[task]?.endSeconds ?? 0), 0);
      const seconds = endSeconds - activity.startSeconds;
      const bytesPerSecond = rate(bytes * repeat, seconds);
      return {
        kind: 'collective',
        name: activity.name,
        startSeconds: activity.startSeconds,
        endSeconds,
        bytes: bytes * repeat,
        bytesPerSecond,
        busBytesPerSecond: bytesPerSecond * busFactor(kind, ranks.length),
        algorithm: `${kind === 'all-to-all' ? 'pairwise' : kind === 'broadcast' ? 'ring' : choice.algorithm} ${choice.protocol}`,
        bottleneck: longest(tasks.flatMap((task) => times[task]?.phases ?? [])),
        reasons: reasonsOf(edges.flat()),
      };
    },
  };
}

/** Rounds of so many copies that are worth tasks of their own. */
const mostRounds = (copies: number): number => Math.max(1, Math.min(100, Math.floor(10_000 / copies)));

/** How often a collective runs in a time: as often as it does with nothing beside it. */
function roundsIn(plan: Plan, activity: OtherActivity, seconds: number): number {
  const alone = new Plan(plan.machine, plan.tax, plan.ideal);
  const { runtimeSeconds: _, repeat: __, ...settings } = activity.settings;
  const once = planCollective(alone, { ...activity, startSeconds: 0, settings });
  const took = once.result(runTasks(alone.resources, alone.tasks, {}, alone.servers))?.endSeconds ?? 0;
  return took > 0 ? Math.max(1, Math.round(seconds / took)) : 1;
}

/** Why a collective cannot run over its members, in words, or null. */
export function refusesCollective(machine: Machine, activity: OtherActivity): string | null {
  const { ranks, nics } = membersOf(machine, devicesOf([...activity.over, ...activity.on]));
  if (ranks.length === 0 || (ranks.length < 2 && nics.length === 0))
    return 'it needs two GPUs, or a GPU and a NIC: `over gpu[0..7]`.';
  for (const rank of ranks) {
    const refused = refusesStreams(componentAt(machine, rank));
    if (refused !== null) return refused.message;
  }
  return null;
}

/** Each rank to the next one; the last one to the first, through the NIC where there is one. */
function ringEdges({ order, nic }: Ring, edge: (from: number, to: number) => Edge): Edge[][] {
  return order.map((from, at) => {
    const to = order[(at + 1) % order.length] ?? from;
    return at === order.length - 1 && nic !== null ? [edge(from, nic), edge(nic, to)] : [edge(from, to)];
  });
}

/** A ring without its last step: the way of a broadcast. */
const chainOf = (edges: readonly (readonly Edge[])[]): Edge[] => edges.slice(0, -1).flat();

/** The algorithm and protocol that NCCL's model holds for the fastest. */
function choose(
  kind: CollectiveKind,
  bytes: number,
  ranks: number,
  edges: readonly (readonly (readonly Edge[])[])[],
  said: unknown,
  inSwitch: boolean,
): Choice {
  const all = edges.flat(2);
  const nvlink = all.every((one) => one.transfer.transport === 'nvlink');
  const slowest = all.reduce(
    (least, one) => Math.min(least, steadyState(one.planned).bytesPerSecond),
    Number.POSITIVE_INFINITY,
  );
  const busBytesPerSecond = slowest * edges.length;
  const able: readonly Algorithm[] =
    kind !== 'all-reduce' ? ['ring'] : inSwitch ? ['ring', 'tree', 'nvls'] : ['ring', 'tree'];
  const asked = able.filter((one) => one === said);
  const algorithms = asked.length > 0 ? asked : said === 'nvls' ? (['ring'] as const) : able;
  let best: Choice = { algorithm: algorithms[0] ?? 'ring', protocol: 'Simple' };
  let bestSeconds = Number.POSITIVE_INFINITY;
  for (const algorithm of algorithms) {
    protocols.forEach((protocol, index) => {
      // LL128 relies on stores of 128 B that stay whole, which NVLink keeps.
      if (protocol === 'LL128' && !nvlink) return;
      const step = Math.max(
        ...all.map((one) => stepLatency.value[latencyClass(one.transfer.transport)][algorithm][index] ?? 0),
      );
      const share = protocolShare.value[algorithm][protocol];
      if (share === 0) return;
      if (algorithm === 'nvls') {
        const seconds = step + (bytes * (1 + 1 / ranks)) / (slowest * share * inSwitchShare);
        if (seconds >= bestSeconds) return;
        bestSeconds = seconds;
        best = { algorithm, protocol };
        return;
      }
      const steps = algorithm === 'tree' || kind === 'all-reduce' ? 2 * (ranks - 1) : ranks - 1;
      const ratio = algorithm === 'tree' ? 0.5 : 1 / busFactor(kind, ranks);
      const seconds =
        (baseLatency.value[algorithm][index] ?? 0) + steps * step + bytes / (busBytesPerSecond * ratio * share);
      if (seconds >= bestSeconds) return;
      bestSeconds = seconds;
      best = { algorithm, protocol };
    });
  }
  return best;
}

/** What an NVSwitch reaches of its links at least, for the choice alone. */
const inSwitchShare = 0.74;

/** How many copies of one collective are worth tasks of their own; beyond that the steps of a neighbour are one flow. */
const mostTasks = 2000;

/** Writes the steps of a collective into a plan. */
class CollectiveWriter {
  readonly #plan: Plan;
  readonly #name: string;
  readonly #choice: Choice;
  readonly #tasks: number[];
  readonly #scale: number;
  readonly #rings: number;

  /**
   * @param scale how many rounds one stands for
   * @param rings how many of them share the work
   */
  constructor(plan: Plan, name: string, choice: Choice, tasks: number[], scale: number, rings: number) {
    this.#rings = rings;
    this.#scale = scale;
    this.#plan = plan;
    this.#name = name;
    this.#choice = choice;
    this.#tasks = tasks;
  }

  begin(after: readonly number[], notBefore: number): number {
    const { algorithm, protocol } = this.#choice;
    const seconds = baseLatency.value[algorithm][protocols.indexOf(protocol)] ?? 0;
    return this.#plan.step(seconds * this.#scale, {
      after,
      notBefore,
      trace: { track: `${this.#name}/launch`, name: 'launch' },
    });
  }

  /** `passes` times round the ring, a piece of one rank's share at a time. */
  ring(edges: readonly (readonly Edge[])[], ranks: number, passes: 1 | 2, bytes: number, begin: number): number[] {
    const steps = passes * (ranks - 1);
    if (steps === 0) {
      // One rank and the network: all of it goes out and comes back.
      return edges.flat().map((edge) => this.#copy(edge, bytes * passes, [begin], 1, 'through the network'));
    }
    const piece = bytes / ranks;
    if (steps * edges.length > mostTasks / this.#rings) {
      return edges.flat().map((edge) => this.#copy(edge, piece * steps, [begin], steps, `${steps} steps`));
    }
    let before: (readonly number[])[] = edges.map(() => [begin]);
    for (let step = 0; step < steps; step++) {
      const sent = edges.map((hops, at) => {
        // What a rank sends on it has received in the step before, and its own last piece has left.
        const received = before[(at + edges.length - 1) % edges.length] ?? [];
        const after = [...received, ...(before[at] ?? [])];
        return hops.map((edge) => this.#copy(edge, piece, after, 1, `step ${step + 1} of ${steps}`));
      });
      before = sent;
    }
    return before.flat();
  }

  /** From one to the next, all at once but for the first piece: `offset` steps after the beginning. */
  chain(edges: readonly Edge[], bytes: number, begin: number, offset: number): number[] {
    return edges.map((edge, at) => this.#copy(edge, bytes, [begin], offset + at + 1, 'pipelined'));
  }

  /** Within a machine NCCL's tree is a chain: sums go up to its root, the result comes down again. */
  tree(ring: Ring, edge: (from: number, to: number) => Edge, bytes: number, begin: number): number[] {
    const { order } = ring;
    const down: Edge[] = [];
    const up: Edge[] = [];
    for (let at = 1; at < order.length; at++) {
      const [above, below] = [order[at - 1], order[at]];
      if (above === undefined || below === undefined) continue;
      down.push(edge(above, below));
      up.unshift(edge(below, above));
    }
    return [...this.chain(up, bytes, begin, 0), ...this.chain(down, bytes, begin, up.length)];
  }

  /**
   * Each GPU has one share of the data summed by the switches, and spreads the sum through them: it sends and receives all
   * of the data and one share more.
   */
  inSwitch(edges: readonly Edge[], ranks: readonly number[], bytes: number, begin: number): number[] {
    const each = bytes * (1 + 1 / ranks.length);
    return edges.map((edge) => {
      const cost = this.#plan.ideal ? 1 : switchCost(this.#plan.machine, edge.from.component);
      const demands = edge.planned.demands.map((demand) => ({ ...demand, cost: demand.cost * cost }));
      return this.#copy({ ...edge, planned: { ...edge.planned, demands } }, each, [begin], 1, 'in the switches');
    });
  }

  allToAll(ranks: readonly number[], edge: (from: number, to: number) => Edge, bytes: number, begin: number): number[] {
    const piece = bytes / ranks.length;
    return ranks.flatMap((from) =>
      ranks.filter((to) => to !== from).map((to) => this.#copy(edge(from, to), piece, [begin], 1, 'pairwise')),
    );
  }

  #linkCost({ from, transfer: by, planned }: Edge): number {
    const { machine } = this.#plan;
    const hop = planned.route.legs[0]?.hops.find((one) => one.kind === 'interconnect');
    if (by.transport === 'p2p' && this.#choice.protocol === 'Simple') return 1 / pcieShare.value;
    if (by.transport !== 'nvlink' || hop === undefined) return 1;
    return nvlinkCost(machine, from.component, machine.connections[hop.connection]);
  }

  #copy(edge: Edge, bytes: number, after: readonly number[], steps: number, name: string): number {
    const { algorithm, protocol } = this.#choice;
    const { transport: by } = edge.transfer;
    const seconds = stepLatency.value[latencyClass(by)][algorithm][protocols.indexOf(protocol)] ?? 0;
    const cost = this.#plan.ideal ? 1 : protocolCost.value[protocol] * this.#linkCost(edge);
    const demands = edge.planned.demands.map((demand) => ({ ...demand, cost: demand.cost * cost }));
    const label = (id: number) => componentAt(this.#plan.machine, id).label;
    const task = this.#plan.copy(edge.from, edge.to, bytes * this.#scale, {
      after,
      // The latency of a step holds the way's own.
      planned: { ...edge.planned, demands, latencySeconds: 0 },
      setupSeconds: seconds * steps * this.#scale,
      trace: {
        track: `${this.#name}/${label(edge.from.component)}`,
        name: `${name} to ${label(edge.to.component)}`,
        args: { bytes },
      },
    });
    this.#tasks.push(task);
    return task;
  }
}

/** Why each transport was taken, once each. */
function reasonsOf(edges: readonly (readonly Edge[])[]): Reason[] {
  const seen = new Set<string>();
  const reasons: Reason[] = [];
  for (const { transfer, planned } of edges.flat()) {
    if (seen.has(transfer.because)) continue;
    seen.add(transfer.because);
    reasons.push({ code: `nccl/${transfer.transport}`, message: transfer.because, at: null });
    if (transfer.transport === 'p2p' && planned.route.route === 'host-memory') reasons.push(...planned.route.reasons);
  }
  return reasons;
}
