import type { Machine } from '../model/machine.ts';
import { socketOf } from '../model/machine.ts';
import type { EndpointRef, GpuProcess, Scenario, StreamOperation, Transfer, Work } from '../model/work.ts';
import { endName, type PlannedCopy, planCopy } from './demands.ts';
import { type Resource, runTasks, type Task, type TaskTimes } from './engine/flow.ts';
import { checkExpectations, type FindingLookup } from './expectations.ts';
import type {
  LinkUse,
  OperationResult,
  ResourceUse,
  RunResult,
  SimulateOptions,
  SimulationResult,
  TransferResult,
} from './simulate.types.ts';

export interface SimulateRequest extends SimulateOptions {
  /** Runs only these transfers and scenarios; all of them where absent. */
  readonly names?: readonly string[];
  /** Decides `expect finding …`: whether a rule reports something, at a component or anywhere. */
  readonly findings?: FindingLookup;
}

/**
 * Runs the work of a machine: every top-level transfer by itself, every scenario as a whole.
 * Deterministic: the same machine, work and options give the same result.
 *
 * @throws SimulationCancelled when `options.cancelled` says so
 */
export function simulate(machine: Machine, work: Work, options: SimulateRequest = {}): SimulationResult {
  const wanted = (name: string) => options.names === undefined || options.names.includes(name);
  const runs: RunResult[] = [];
  const transfers = work.transfers.filter((transfer) => wanted(transfer.name));
  const scenarios = work.scenarios.filter((scenario) => wanted(scenario.name));
  const total = transfers.length + scenarios.length;
  const part = (): SimulateRequest => {
    const before = runs.length;
    return { ...options, progress: (fraction) => options.progress?.((before + fraction) / total) };
  };
  for (const transfer of transfers) {
    const alone = { ...transfer, startSeconds: 0 };
    const scenario: Scenario = {
      name: transfer.name,
      transfers: [alone],
      processes: [],
      activities: [],
      expectations: [],
      origin: transfer.origin,
    };
    runs.push(runScenario(machine, scenario, part()));
  }
  for (const scenario of scenarios) runs.push(runScenario(machine, scenario, part()));
  // What the machine itself expects is judged without any work: findings, for the most part.
  if (work.expectations.length > 0 && options.names === undefined) {
    const { expectations } = work;
    const nothing = { transfers: [], processes: [], activities: [], origin: machine.origin };
    runs.push(runScenario(machine, { name: machine.name, expectations, ...nothing }, part()));
  }
  return { seed: options.seed ?? 1, fidelity: options.fidelity ?? 'flow', runs };
}

/** The tasks of a run and what each of them is. */
class Plan {
  readonly resources: Resource[] = [];
  readonly tasks: Task[] = [];
  readonly copies = new Map<number, PlannedCopy>();
  readonly #index = new Map<string, number>();

  resource(key: string, resource: Resource): number {
    const known = this.#index.get(key);
    if (known !== undefined) return known;
    const index = this.resources.length;
    this.resources.push(resource);
    this.#index.set(key, index);
    return index;
  }

  copy(planned: PlannedCopy, bytes: number, notBefore: number, after: readonly number[]): number {
    const costs = new Map<number, number>();
    for (const demand of planned.demands) {
      if (!Number.isFinite(demand.capacity)) continue;
      const index = this.resource(demand.key, { name: demand.name, kind: demand.kind, capacity: demand.capacity });
      costs.set(index, (costs.get(index) ?? 0) + demand.cost);
    }
    const task = this.tasks.length;
    this.tasks.push({
      after,
      notBefore,
      latencySeconds: planned.latencySeconds,
      amount: bytes,
      resources: [...costs.keys()],
      costs: [...costs.values()],
      cap: planned.cap,
      capName: planned.capName,
      capKind: planned.capKind,
    });
    this.copies.set(task, planned);
    return task;
  }
}

function runScenario(machine: Machine, scenario: Scenario, options: SimulateRequest): RunResult {
  const tax = options.tax ?? 'measured';
  const ideal = options.fidelity === 'ideal';
  const plan = new Plan();
  const transferTasks = scenario.transfers.map((transfer) => {
    const planned = planCopy(machine, transfer.from, transfer.to, { ...transfer, tax: ideal ? 'none' : tax });
    return {
      transfer,
      planned,
      task: plan.copy(ideal ? idealise(planned) : planned, transfer.bytes, transfer.startSeconds, []),
    };
  });
  const operations = planProcesses(machine, scenario.processes, plan, tax);
  const notSimulated = [
    ...scenario.activities.map((activity) => `${activity.kind} ${activity.name}`),
    ...(options.fidelity === 'packet' ? ['fidelity packet: run as flow'] : []),
  ];
  const times = runTasks(plan.resources, plan.tasks, options);
  const transfers = transferTasks.map(({ transfer, planned, task }) =>
    transferResult(machine, transfer, planned, times[task]),
  );
  const ends = times.map((time) => time.endSeconds).filter(Number.isFinite);
  const makespanSeconds = ends.reduce((latest, end) => Math.max(latest, end), 0);
  const use = usage(machine, plan, makespanSeconds);
  const assumptions = [...new Set([...plan.copies.values()].flatMap((copy) => copy.assumptions))];
  const run: RunResult = {
    name: scenario.name,
    makespanSeconds,
    transfers,
    links: use.links,
    resources: use.resources,
    expectations: [],
    operations: operations.map(({ task, ...one }): OperationResult => {
      const time = times[task];
      return { ...one, startSeconds: time?.startSeconds ?? 0, endSeconds: time?.endSeconds ?? 0 };
    }),
    notSimulated,
    assumptions,
  };
  const routes = new Map(transferTasks.map(({ transfer, planned }) => [transfer.name, planned.route]));
  const expectations = [
    ...scenario.transfers.flatMap((transfer) =>
      checkExpectations(transfer.expectations, run, routes, transfer.name, options.findings),
    ),
    ...checkExpectations(scenario.expectations, run, routes, null, options.findings),
  ];
  return { ...run, expectations };
}

/** Raw sharing: no latency, no caps of devices, only capacities. */
function idealise(planned: PlannedCopy): PlannedCopy {
  const demands = planned.demands.filter((demand) => demand.carriesPayload).map((demand) => ({ ...demand, cost: 1 }));
  return { ...planned, demands, cap: Number.POSITIVE_INFINITY, latencySeconds: 0 };
}

function transferResult(
  machine: Machine,
  transfer: Transfer,
  planned: PlannedCopy,
  time: TaskTimes | undefined,
): TransferResult {
  const impossible = planned.route.route === 'none';
  const startSeconds = time?.startSeconds ?? 0;
  const endSeconds = impossible ? Number.POSITIVE_INFINITY : (time?.endSeconds ?? 0);
  const phases = impossible ? [] : (time?.phases ?? []);
  return {
    name: transfer.name,
    from: endName(machine, transfer.from),
    to: endName(machine, transfer.to),
    bytes: transfer.bytes,
    startSeconds,
    endSeconds,
    bytesPerSecond: endSeconds > startSeconds ? transfer.bytes / (endSeconds - startSeconds) : 0,
    firstByteSeconds: time?.firstByteSeconds ?? 0,
    route: planned.route.route,
    bottleneck: longest(phases),
    phases,
    reasons: planned.route.reasons,
  };
}

/** What held a transfer back for the longest time. */
function longest(phases: TransferResult['phases']): string {
  const seconds = new Map<string, number>();
  let best = '';
  for (const phase of phases) {
    const sum = (seconds.get(phase.limitedBy) ?? 0) + phase.endSeconds - phase.startSeconds;
    seconds.set(phase.limitedBy, sum);
    if (best === '' || sum > (seconds.get(best) ?? 0)) best = phase.limitedBy;
  }
  return best;
}

interface PlannedOperation {
  readonly task: number;
  readonly process: string;
  readonly stream: string;
  readonly label: string;
}

/** Streams run in order; events tie them together; kernels of one GPU share it in time. */
function planProcesses(
  machine: Machine,
  processes: readonly GpuProcess[],
  plan: Plan,
  tax: 'worst-case' | 'measured',
): PlannedOperation[] {
  const planned: PlannedOperation[] = [];
  for (const process of processes) {
    const recorded = new Map<string, number>();
    const waits: { readonly task: number; readonly event: string }[] = [];
    for (const stream of process.streams) {
      let last: number | null = null;
      for (const operation of stream.operations) {
        const after: number[] = last === null ? [] : [last];
        const task = planOperation(machine, process, operation, after, plan, tax);
        if (operation.kind === 'record') recorded.set(operation.event, task);
        if (operation.kind === 'wait') waits.push({ task, event: operation.event });
        planned.push({ task, process: process.name, stream: stream.name, label: labelOf(operation) });
        last = task;
      }
    }
    for (const { task, event } of waits) {
      const source = recorded.get(event);
      const waiting = plan.tasks[task];
      // As in CUDA, waiting for an event that nobody records does not wait.
      if (source !== undefined && waiting !== undefined)
        plan.tasks[task] = { ...waiting, after: [...waiting.after, source] };
    }
  }
  return planned;
}

function planOperation(
  machine: Machine,
  process: GpuProcess,
  operation: StreamOperation,
  after: readonly number[],
  plan: Plan,
  tax: 'worst-case' | 'measured',
): number {
  const gpu: EndpointRef = { component: process.device, memory: false };
  const nothing: Task = {
    after,
    notBefore: process.startSeconds,
    latencySeconds: 0,
    amount: 0,
    resources: [],
    costs: [],
    cap: Number.POSITIVE_INFINITY,
    capName: '',
    capKind: 'engine',
  };
  switch (operation.kind) {
    case 'copy': {
      const socket = socketOf(machine, process.device);
      const host: EndpointRef = { component: socket?.id ?? 0, memory: true };
      const peer = operation.peer ?? (operation.direction === 'd2d' ? gpu : host);
      const [from, to] = operation.direction === 'h2d' ? [peer, gpu] : [gpu, peer];
      const planned = planCopy(machine, from, to, { tax, initiator: process.device });
      return plan.copy(planned, operation.bytes, process.startSeconds, after);
    }
    case 'kernel': {
      const name = machine.components[process.device]?.name ?? '';
      const compute = plan.resource(`compute:${process.device}`, {
        name: `${name} compute`,
        kind: 'engine',
        capacity: 1,
      });
      plan.tasks.push({
        ...nothing,
        amount: operation.seconds,
        resources: [compute],
        costs: [1],
        cap: 1,
        capName: `${name} compute`,
      });
      return plan.tasks.length - 1;
    }
    default:
      plan.tasks.push(nothing);
      return plan.tasks.length - 1;
  }
}

function labelOf(operation: StreamOperation): string {
  switch (operation.kind) {
    case 'copy':
      return `copy ${operation.direction}`;
    case 'kernel':
      return 'kernel';
    default:
      return `${operation.kind} ${operation.event}`;
  }
}

function usage(machine: Machine, plan: Plan, makespanSeconds: number): { links: LinkUse[]; resources: ResourceUse[] } {
  const links = new Map<
    string,
    { payload: number; wire: number; capacity: number; link: number; direction: 'up' | 'down' }
  >();
  const resources = new Map<string, { name: string; kind: ResourceUse['kind']; bytes: number; capacity: number }>();
  for (const [index, planned] of plan.copies) {
    const bytes = plan.tasks[index]?.amount ?? 0;
    for (const demand of planned.demands) {
      if (demand.link !== null) {
        const { id, direction } = demand.link;
        const use = links.get(demand.key) ?? { payload: 0, wire: 0, capacity: demand.capacity, link: id, direction };
        use.payload += demand.carriesPayload ? bytes : 0;
        use.wire += bytes * demand.cost;
        links.set(demand.key, use);
      } else if (demand.kind !== 'link') {
        const use = resources.get(demand.key) ?? {
          name: demand.name,
          kind: demand.kind,
          bytes: 0,
          capacity: demand.capacity,
        };
        use.bytes += bytes;
        resources.set(demand.key, use);
      }
    }
  }
  const share = (amount: number, capacity: number) =>
    makespanSeconds > 0 && Number.isFinite(capacity) ? amount / capacity / makespanSeconds : 0;
  return {
    links: [...links.values()]
      .sort((a, b) => a.link - b.link || (a.direction < b.direction ? 1 : -1))
      .map((use) => ({
        name: machine.links[use.link]?.name ?? '',
        direction: use.direction,
        payloadBytes: use.payload,
        wireBytes: use.wire,
        utilisation: share(use.wire, use.capacity),
      })),
    resources: [...resources.values()].map((use) => ({
      name: use.name,
      kind: use.kind,
      bytes: use.bytes,
      utilisation: share(use.bytes, use.capacity),
    })),
  };
}
