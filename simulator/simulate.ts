import type { Machine } from '../model/machine.ts';
import type { Expectation, OtherActivity, Scenario, Transfer, Work } from '../model/work.ts';
import { planActivity, planProcesses, withPhases } from './activities.ts';
import { withBlocking } from './blocking.ts';
import { checkOf } from './cancel.ts';
import { countersOf } from './counters.ts';
import type { PlannedCopy } from './demands.ts';
import { stagingLimit } from './drivers/gpu/staging.ts';
import { isPacketJob } from './drivers/nic/frames.ts';
import { isVerbJob } from './drivers/nic/job.ts';
import { runTasks } from './engine/flow.ts';
import { checkExpectations, type FindingLookup } from './expectations.ts';
import { explainRun } from './explain/explain.ts';
import type { RunExplanation } from './explain/explain.types.ts';
import { planJobs } from './jobs/plan-jobs.ts';
import { orderWork, sinceGate, type WorkSpan } from './order.ts';
import { PacketMover } from './packet/mover.ts';
import { packetUsage } from './packet/usage.ts';
import { Plan } from './plan.ts';
import type { RunResult, SimulateOptions, SimulationResult } from './simulate.types.ts';
import { carriedCopies, copyName } from './trace/carried.ts';
import { transferResult } from './transfer-result.ts';
import { unmappings } from './translations.ts';
import { usage } from './usage.ts';

export interface SimulateRequest extends SimulateOptions {
  /** Runs only these transfers and scenarios; all of them where absent. */
  readonly names?: readonly string[];
  /** Decides `expect finding …`: whether a rule reports something, at a component or anywhere. */
  readonly findings?: FindingLookup;
  /** Takes where the time of each run went, in the order of the runs. */
  readonly explain?: (explanation: RunExplanation) => void;
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
    let most = 0;
    const progress = (fraction: number) => {
      most = Math.max(most, fraction);
      options.progress?.((before + most) / total);
    };
    return { ...options, progress };
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
  // What the machine or the file expects is judged over all runs: findings, and one run against another.
  if (work.expectations.length > 0 && options.names === undefined) {
    const nothing = { transfers: [], processes: [], activities: [], expectations: [], origin: machine.origin };
    const empty = runScenario(machine, { name: machine.name, ...nothing }, part());
    const expectations = checkExpectations(work.expectations, together(empty, runs), new Map(), null, {
      findings: options.findings,
      runs,
    });
    runs.push({ ...empty, expectations });
  }
  return { seed: options.seed ?? 1, fidelity: options.fidelity ?? 'flow', runs };
}

/** What all runs moved, by the names of the work; links are those of no run. */
function together(empty: RunResult, runs: readonly RunResult[]): RunResult {
  return {
    ...empty,
    transfers: runs.flatMap((run) => run.transfers),
    activities: runs.flatMap((run) => run.activities ?? []),
    jobs: runs.flatMap((run) => run.jobs ?? []),
  };
}

function runScenario(machine: Machine, scenario: Scenario, options: SimulateRequest): RunResult {
  const check = checkOf(options.cancelled);
  const plan = new Plan(machine, options.tax ?? 'measured', options.fidelity === 'ideal', check);
  const ways = scenario.transfers.map((transfer) => {
    check();
    const { bytes, startSeconds } = transfer;
    return { planned: plan.way(transfer.from, transfer.to, transfer), bytes, startSeconds };
  });
  // Measured, not derived: what ports of a switch lose is a limit for packets as well, whose queues are one for each flow.
  const blocked = plan.ideal ? [] : withBlocking(machine, ways, check);
  const transferTasks = scenario.transfers.map((transfer, index) => {
    const planned = blocked[index] ?? ways[index]?.planned ?? plan.way(transfer.from, transfer.to, transfer);
    return { transfer, planned, ...planTransfer(plan, transfer, planned) };
  });
  const spans: WorkSpan[] = transferTasks.map(({ transfer: { name, after = [] }, tasks }) => ({
    name,
    first: tasks[0] ?? 0,
    end: (tasks.at(-1) ?? -1) + 1,
    after,
  }));
  const span = (work: { readonly name: string; readonly after?: readonly string[] }, first: number) =>
    spans.push({ name: work.name, first, end: plan.tasks.length, after: work.after ?? [] });
  const activities = planProcesses(plan, scenario.processes, span);
  // A job of verbs or of packets moves no blocks of a drive.
  const isJob = (activity: OtherActivity) =>
    activity.kind === 'job' && !isVerbJob(machine, activity) && !isPacketJob(machine, activity);
  const storage = planJobs(plan, scenario.activities.filter(isJob), options);
  activities.push(...storage.activities);
  const unknown: string[] = [];
  for (const activity of scenario.activities) {
    if (isJob(activity)) continue;
    const first = plan.tasks.length;
    const planned = planActivity(plan, activity);
    span(activity, first);
    if (planned === null) unknown.push(`${activity.kind} ${activity.name}`);
    else activities.push(planned);
  }
  spans.push(...storage.spans);
  const { refused, gates } = orderWork(plan, spans);
  const notSimulated = [...unknown, ...activities.flatMap((activity) => activity.leftOut), ...refused];
  const names = new Map(transferTasks.flatMap(({ tasks, transfer }) => tasks.map((task) => [task, transfer.name])));
  const nameOf = (task: number) => names.get(task) ?? copyName(machine, plan.copies.get(task));
  options.trace?.beginRun(scenario.name);
  const moving = { ...options, nameOf, watchQueues: options.explain !== undefined };
  const packets = options.fidelity === 'packet' ? new PacketMover(machine, plan, moving) : null;
  const explained = new Set([...names.keys(), ...activities.flatMap(({ tasks = [] }) => tasks)]);
  const times = runTasks(plan.resources, plan.tasks, { ...options, explained }, plan.servers, packets);
  const { jobs, ...stored } = storage.finish(times);
  const transfers = transferTasks.map(({ transfer, planned, tasks, unmaps }) => {
    check();
    const rounds = tasks.map((task) => ({ times: times[task], unmaps: unmaps.get(task) ?? null }));
    return transferResult(machine, transfer, planned, rounds);
  });
  const ends = times.map((time) => time.endSeconds).filter(Number.isFinite);
  const makespanSeconds = ends.reduce((latest, end) => Math.max(latest, end), 0);
  const use =
    packets === null ? usage(machine, plan, makespanSeconds) : packetUsage(machine, packets.use(), makespanSeconds);
  const run: RunResult = {
    name: scenario.name,
    makespanSeconds,
    transfers,
    links: use.links,
    resources: use.resources,
    expectations: [],
    operations: activities.flatMap((activity) => activity.operations?.(times) ?? []),
    activities: activities.flatMap((one) => [
      ...[one.result(times)]
        .filter((all) => all !== null)
        .map((all) => withPhases(sinceGate(all, gates, times), one.tasks, times, check)),
      ...(one.parts?.(times) ?? []).map((part, at) => withPhases(part, one.partTasks?.[at], times, check)),
    ]),
    ...(jobs.length === 0 ? {} : { jobs }),
    records: [...plan.records(times), ...stored.records],
    counters: [...countersOf(machine, plan, times, use.links, makespanSeconds), ...stored.counters],
    notSimulated,
    assumptions: [...plan.assumptions],
  };
  options.trace?.endRun(run, carriedCopies(plan.copies, times, nameOf));
  if (options.explain !== undefined) {
    const queues = packets?.queues(makespanSeconds) ?? [];
    const planned = transferTasks.map((one) => one.planned);
    options.explain(explainRun({ plan, times, run, ways: planned, queues, nameOf }));
  }
  const routes = new Map(transferTasks.map(({ transfer, planned }) => [transfer.name, planned.route]));
  for (const { routes: ways } of activities) for (const [name, route] of ways ?? []) routes.set(name, route);
  const judged = (expectations: readonly Expectation[], subject: string | null) =>
    checkExpectations(expectations, run, routes, subject, { findings: options.findings });
  const expectations = [
    ...[...scenario.transfers, ...scenario.processes].flatMap((one) => judged(one.expectations ?? [], one.name)),
    ...scenario.activities.flatMap((one) => [
      ...judged(one.expectations ?? [], one.name),
      ...one.children.flatMap((child) => judged(child.expectations ?? [], child.name)),
    ]),
    ...judged(scenario.expectations, null),
  ];
  return { ...run, expectations };
}

/** Rounds of a transfer that are worth tasks of their own; more of them are longer ones. */
const mostRounds = 1000;

interface TransferTasks {
  readonly tasks: number[];
  /** Tasks that move nothing: memory is taken back from the device; what they wait for, by name. */
  readonly unmaps: ReadonlyMap<number, string>;
}

/** A transfer as often as it repeats, one round after the other, each with what its driver takes back at its end. */
function planTransfer(plan: Plan, transfer: Transfer, planned: PlannedCopy): TransferTasks {
  const { from, to, bytes, startSeconds: notBefore, repeat = 1 } = transfer;
  const cap = stagingLimit(plan.machine, transfer);
  const rounds = Math.min(repeat, mostRounds);
  const atEnd = plan.ideal ? [] : unmappings(plan.machine, planned.route, transfer);
  const tasks: number[] = [];
  const unmaps = new Map<number, string>();
  for (let round = 0; round < rounds; round++) {
    const after = tasks.slice(-1);
    const step = { planned, notBefore, after, ...(cap === null ? {} : { cap }) };
    tasks.push(plan.copy(from, to, (bytes * repeat) / rounds, step));
    for (const { mappedBytes, name, seconds } of atEnd) {
      // Rounds that stand for several of them take back as often.
      const times = repeat / rounds;
      if (mappedBytes !== null) continue;
      const unmap = plan.step(seconds.value * times, { after: tasks.slice(-1) });
      unmaps.set(unmap, name);
      tasks.push(unmap);
    }
  }
  return { tasks, unmaps };
}
