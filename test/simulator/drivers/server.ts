import type { ComponentSettings, Connection, Machine, Subunit } from '../../../model/machine.ts';
import type {
  EndpointRef,
  GpuProcess,
  OtherActivity,
  Scenario,
  Stream,
  StreamOperation,
  Transfer,
  Work,
} from '../../../model/work.ts';
import { simulate } from '../../../simulator/simulate.ts';
import type { ActivityResult, RunResult } from '../../../simulator/simulate.types.ts';
import { idOf, type Sketch, sketchMachine } from '../../model/draft.ts';

export const origin = { uri: 'test:work', offset: 0, end: 0 };
export const MiB = 2 ** 20;

export interface ServerOptions {
  readonly gpus?: number;
  /** GPUs below each switch; 0: each at a root port of its own. */
  readonly perSwitch?: number;
  readonly gpu?: ComponentSettings;
  readonly uplink?: ComponentSettings;
  readonly more?: readonly Sketch[];
  /** NVLink between all pairs of GPUs, bytes per second each way. */
  readonly nvlink?: number;
  /** The pairs that NVLink joins; all where absent. */
  readonly nvlinkPairs?: readonly (readonly [number, number])[];
  readonly nvswitchLinks?: number;
  /** NVLink from each GPU to one NVSwitch. */
  readonly nvswitch?: number;
  readonly subunits?: readonly Subunit[];
}

const gen4 = { generation: 4, lanes: 16 } as const;

/** A server of one socket with GPUs, at root ports or below switches. */
export function server(options: ServerOptions = {}): Machine {
  const { gpus = 2, perSwitch = 0, more = [] } = options;
  const gpu = (index: number): Sketch => ({
    kind: 'gpu',
    label: `gpu${index}`,
    settings: { ...gen4, vendorId: 0x10de, copyEngines: 2, ...options.gpu },
  });
  const ports: Sketch[] = [];
  if (perSwitch === 0) {
    for (let at = 0; at < gpus; at++) {
      ports.push({ kind: 'root-port', label: `rp${at}`, settings: gen4, acs: 'off', children: [gpu(at)] });
    }
  } else {
    for (let at = 0; at * perSwitch < gpus; at++) {
      const below = Array.from(
        { length: Math.min(perSwitch, gpus - at * perSwitch) },
        (_, index): Sketch => ({
          kind: 'port',
          label: `s${at}p${index}`,
          settings: gen4,
          acs: 'off',
          children: [gpu(at * perSwitch + index)],
        }),
      );
      const link = { ...gen4, ...options.uplink };
      const top: Sketch = { kind: 'switch', label: `sw${at}`, settings: link, children: below };
      ports.push({ kind: 'root-port', label: `rp${at}`, settings: link, acs: 'off', children: [top] });
    }
  }
  const settings = { cpuVendor: 'amd' as const, cpuFamily: 0x19, memoryBytesPerSecond: 300e9 };
  const socket: Sketch = { kind: 'socket', label: 'cpu0', settings, children: [...ports, ...more] };
  const sketches: Sketch[] = options.nvswitch === undefined ? [socket] : [socket, { kind: 'nvswitch', label: 'nvs0' }];
  const bare = sketchMachine(sketches);
  const connections: Connection[] = [];
  const connect = (from: number, to: number, bytesPerSecond: number, links = 4) =>
    connections.push({
      id: connections.length,
      name: `link${connections.length}`,
      from,
      to,
      technology: 'nvlink',
      part: null,
      links,
      bytesPerSecond,
      latencySeconds: null,
      origin,
    });
  const ids = Array.from({ length: gpus }, (_, at) => idOf(bare, `gpu${at}`));
  if (options.nvlink !== undefined) {
    const joined = (a: number, b: number) =>
      options.nvlinkPairs === undefined ||
      options.nvlinkPairs.some(([x, y]) => ids[x] === a && ids[y] === b) ||
      options.nvlinkPairs.some(([x, y]) => ids[x] === b && ids[y] === a);
    for (const a of ids) for (const b of ids) if (a < b && joined(a, b)) connect(a, b, options.nvlink);
  }
  if (options.nvswitch !== undefined)
    for (const a of ids) connect(a, idOf(bare, 'nvs0'), options.nvswitch, options.nvswitchLinks);
  const components = bare.components.map((one) =>
    one.kind === 'gpu' && options.subunits !== undefined ? { ...one, subunits: options.subunits } : one,
  );
  return { ...bare, components, connections };
}

export const mig = (label: string, slices: number): Subunit => ({ kind: 'mig', label, settings: { slices }, origin });

export function end(machine: Machine, label: string): EndpointRef {
  return { component: idOf(machine, label), memory: label.startsWith('cpu') };
}

export const copy = (
  direction: 'h2d' | 'd2h' | 'd2d' | 'p2p',
  bytes: number,
  more: { readonly memory?: 'pinned' | 'pageable' | 'managed'; readonly peer?: EndpointRef } = {},
): StreamOperation => ({
  kind: 'copy',
  direction,
  bytes,
  peer: more.peer ?? null,
  pinned: (more.memory ?? 'pinned') === 'pinned',
  ...(more.memory === undefined ? {} : { memory: more.memory }),
  origin,
});
export const kernel = (seconds: number): StreamOperation => ({ kind: 'kernel', seconds, origin });
export const record = (event: string): StreamOperation => ({ kind: 'record', event, origin });
export const wait = (event: string): StreamOperation => ({ kind: 'wait', event, origin });

export function processOf(
  machine: Machine,
  gpu: string,
  streams: readonly (readonly StreamOperation[] | Stream)[],
  more: Partial<GpuProcess> = {},
): GpuProcess {
  return {
    name: 'train',
    device: idOf(machine, gpu),
    startSeconds: 0,
    streams: streams.map((one, at): Stream => ('name' in one ? one : { name: `s${at}`, operations: one })),
    origin,
    ...more,
  };
}

export function activity(
  machine: Machine,
  kind: string,
  settings: OtherActivity['settings'],
  ends: { readonly over?: readonly string[]; readonly from?: string; readonly to?: string; readonly on?: string } = {},
  children: readonly OtherActivity[] = [],
): OtherActivity {
  const one = (label: string | undefined) => (label === undefined ? [] : [end(machine, label)]);
  return {
    kind,
    name: kind,
    startSeconds: 0,
    on: one(ends.on),
    from: one(ends.from),
    to: one(ends.to),
    over: (ends.over ?? []).map((label) => end(machine, label)),
    settings,
    children,
    origin,
  };
}

export interface Load {
  readonly processes?: readonly GpuProcess[];
  readonly activities?: readonly OtherActivity[];
  readonly transfers?: readonly Transfer[];
  readonly expectations?: Scenario['expectations'];
}

/** Runs a scenario. */
export function run(machine: Machine, load: Load, fidelity: 'flow' | 'ideal' = 'flow'): RunResult {
  const { processes = [], activities = [], transfers = [], expectations = [] } = load;
  const scenario: Scenario = { name: 'test', transfers, processes, activities, expectations, origin };
  const work: Work = { transfers: [], scenarios: [scenario], expectations: [] };
  const result = simulate(machine, work, { fidelity }).runs[0];
  if (result === undefined) throw new Error('nothing ran');
  return result;
}

export function onlyActivity(result: RunResult): ActivityResult {
  const [first, ...more] = result.activities ?? [];
  if (first === undefined || more.length > 0) throw new Error(`expected one activity: ${result.notSimulated.join()}`);
  return first;
}
