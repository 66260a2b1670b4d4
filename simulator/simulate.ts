import type { Machine } from '../model/machine.ts';
import type { Expectation, OtherActivity, Scenario, Transfer, Work } from '../model/work.ts';
import { planActivity, planProcessActivity } from './activities.ts';
import { countersOf } from './counters.ts';
import { endName, type PlannedCopy } from './demands.ts';
import { isVerbJob } from './drivers/nic/job.ts';
import { runTasks, type TaskTimes } from './engine/flow.ts';
import { checkExpectations, type FindingLookup } from './expectations.ts';
import { planJobs } from './jobs/plan-jobs.ts';
import { PacketMover } from './packet/mover.ts';
import { packetUsage } from './packet/usage.ts';
import { Plan } from './plan.ts';
import { longest } from './results.ts';
import type { RunResult, SimulateOptions, SimulationResult, TransferResult } from './simulate.types.ts';
import { usage } from './usage.ts';

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

function runScenario(machine: Machine, scenario: Scenario, options: SimulateRequest): RunResult {
  const plan = new Plan(machine, options.tax ?? 'measured', options.fidelity === 'ideal');
  const transferTasks = scenario.transfers.map((transfer) => {
    const planned = plan.way(transfer.from, transfer.to, transfer);
    const { from, to, bytes, startSeconds: notBefore } = transfer;
    return { transfer, planned, task: plan.copy(from, to, bytes, { planned, notBefore }) };
  });
  const activities = scenario.processes.map((process) => planProcessActivity(plan, process));
  // A job of verbs moves no blocks of a drive.
  const isJob = (activity: OtherActivity) => activity.kind === 'job' && !isVerbJob(plan, activity);
  const storage = planJobs(plan, scenario.activities.filter(isJob), options);
  activities.push(...storage.activities);
  const unknown: string[] = [];
  for (const activity of scenario.activities) {
    if (isJob(activity)) continue;
    const planned = planActivity(plan, activity);
    if (planned === null) unknown.push(`${activity.kind} ${activity.name}`);
    else activities.push(planned);
  }
  const notSimulated = [...unknown, ...activities.flatMap((activity) => activity.leftOut)];
  const packets = options.fidelity === 'packet' ? new PacketMover(machine, plan, options) : null;
  const times = runTasks(plan.resources, plan.tasks, options, plan.servers, packets);
  const { jobs, ...stored } = storage.finish(times);
  const transfers = transferTasks.map(({ transfer, planned, task }) =>
    transferResult(machine, transfer, planned, times[task]),
  );
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
      ...[one.result(times)].filter((all) => all !== null),
      ...(one.parts?.(times) ?? []),
    ]),
    ...(jobs.length === 0 ? {} : { jobs }),
    records: [...plan.records(times), ...stored.records],
    counters: [...countersOf(machine, plan, times, use.links, makespanSeconds), ...stored.counters],
    notSimulated,
    assumptions: [...plan.assumptions],
  };
  const routes = new Map(transferTasks.map(({ transfer, planned }) => [transfer.name, planned.route]));
  for (const { routes: ways } of activities) for (const [name, route] of ways ?? []) routes.set(name, route);
  const judged = (expectations: readonly Expectation[], subject: string | null) =>
    checkExpectations(expectations, run, routes, subject, options.findings);
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
