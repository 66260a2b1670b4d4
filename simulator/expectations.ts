import { formatBytes, formatFraction, formatIops, formatRate, formatSeconds } from '../model/quantity.ts';
import type { Route } from '../model/route/types.ts';
import type { Comparison, Expectation, Measure } from '../model/work.ts';
import { counterNumber } from './counters.ts';
import type { JobResult } from './jobs/job.types.ts';
import type { ActivityResult, ExpectationResult, RunResult, TransferResult } from './simulate.types.ts';

/** Whether a rule reports something at a component (null: anywhere); undefined where nobody can tell. */
export type FindingLookup = (code: string, at: string | null) => boolean | undefined;

/** What a lookup needs to know of a finding. */
export interface KnownFinding {
  readonly code: string;
  /** The machine it is of; null: of the whole file. */
  readonly machine: string | null;
  /** Qualified names of the components it is about. */
  readonly subjects: readonly string[];
}

/** Looks among findings for those of a machine, or of its whole file. */
export function lookupAmong(findings: readonly KnownFinding[], machine: string): FindingLookup {
  return (code, at) =>
    findings.some(
      (finding) =>
        finding.code === code &&
        (finding.machine ?? machine) === machine &&
        (at === null || finding.subjects.includes(at)),
    );
}

/** What an expectation may ask about beside its run. */
export interface Surroundings {
  readonly findings?: FindingLookup | undefined;
  /** Other runs, by whose names a figure may be asked: `makespan of step`. */
  readonly runs?: readonly RunResult[];
}

/**
 * Checks expectations against a run.
 *
 * @param subject the transfer in which they stand, or null for those of the run itself
 */
export function checkExpectations(
  expectations: readonly Expectation[],
  run: RunResult,
  routes: ReadonlyMap<string, Route>,
  subject: string | null,
  around: Surroundings = {},
): ExpectationResult[] {
  return expectations.map((expectation) => {
    const { origin } = expectation;
    const range = { uri: origin.uri, offset: origin.offset, end: origin.end };
    return { text: expectation.text, range, ...judge(expectation, run, routes, subject, around) };
  });
}

type Verdict = Pick<ExpectationResult, 'actual' | 'passed' | 'message'>;

function judge(
  expectation: Expectation,
  run: RunResult,
  routes: ReadonlyMap<string, Route>,
  subject: string | null,
  { findings, runs = [] }: Surroundings,
): Verdict {
  const numberIn = (measure: Measure): number | null => {
    const named = runs.find(({ name }) => name === measure.of);
    // A figure of a run is asked for by its name; of a run with one piece of work it is that of the work.
    const ofRun = named === undefined ? null : numberOf({ ...measure, of: null }, named, null);
    return ofRun ?? numberOf(measure, run, subject);
  };
  switch (expectation.kind) {
    case 'finding': {
      const found = findings?.(expectation.code, expectation.at);
      if (found === undefined)
        return { actual: null, passed: false, message: 'Findings are not known here: run the check.' };
      const what = `${expectation.code}${expectation.at === null ? '' : ` at ${expectation.at}`}`;
      return {
        actual: found ? 'found' : 'not found',
        passed: found !== expectation.negated,
        message: found ? `${what} is reported.` : `${what} is not reported.`,
      };
    }
    case 'is': {
      const actual = wordOf(expectation.left, run, routes, subject);
      if (actual === null) return unknown(expectation.left);
      const passed = actual === expectation.value || actual.endsWith(`.${expectation.value}`);
      return { actual, passed, message: `${describe(expectation.left)} is ${actual}, expected ${expectation.value}.` };
    }
    case 'measure': {
      const left = numberIn(expectation.left);
      if (left === null) return unknown(expectation.left);
      const right = expectation.right === null ? 1 : numberIn(expectation.right);
      if (right === null) return unknown(expectation.right ?? expectation.left);
      const actual = expectation.right === null ? left : left / right;
      const show = (value: number) =>
        expectation.right === null ? format(expectation.left.metric, value) : value.toPrecision(3);
      const passed = compare(actual, expectation.comparison, expectation.bound, expectation.within);
      const name =
        expectation.right === null
          ? describe(expectation.left)
          : `${describe(expectation.left)} / ${describe(expectation.right)}`;
      return {
        actual,
        passed,
        message: `${name} is ${show(actual)}, expected ${expectation.comparison} ${show(expectation.bound)}.`,
      };
    }
  }
}

const describe = (measure: Measure) => (measure.of === null ? measure.metric : `${measure.metric} of ${measure.of}`);
const unknown = (measure: Measure): Verdict => ({
  actual: null,
  passed: false,
  message: `This run has no ${describe(measure)}.`,
});

/** `within` widens the bound by a share of it, on either side. */
function compare(actual: number, comparison: Comparison, bound: number, within: number | null): boolean {
  const slack = Math.abs(bound) * (within ?? 0);
  switch (comparison) {
    case '<':
      return actual < bound + slack;
    case '<=':
      return actual <= bound + slack;
    case '>':
      return actual > bound - slack;
    case '>=':
      return actual >= bound - slack;
    case '==':
      return Math.abs(actual - bound) <= (within === null ? Math.abs(bound) * 1e-9 : slack);
    case '!=':
      return Math.abs(actual - bound) > (within === null ? Math.abs(bound) * 1e-9 : slack);
  }
}

function transferOf(measure: Measure, run: RunResult, subject: string | null): TransferResult | undefined {
  const name = measure.of ?? subject;
  if (name === null) return run.transfers.length === 1 ? run.transfers[0] : undefined;
  return run.transfers.find((transfer) => transfer.name === name);
}

function activityOf(measure: Measure, run: RunResult, subject: string | null): ActivityResult | undefined {
  const name = measure.of ?? subject;
  const activities = run.activities ?? [];
  if (name !== null) return activities.find((activity) => activity.name === name);
  return run.transfers.length === 0 && activities.length === 1 ? activities[0] : undefined;
}

function numberOf(measure: Measure, run: RunResult, subject: string | null): number | null {
  switch (measure.metric) {
    case 'makespan':
      return run.makespanSeconds;
    case 'utilisation':
    case 'bytes': {
      const links = run.links.filter((link) => link.name === measure.of);
      const resources = run.resources.filter((resource) => resource.name === measure.of);
      const of = [...links.map((link) => ({ ...link, bytes: link.payloadBytes })), ...resources];
      if (measure.metric === 'utilisation')
        return measure.of === null ? null : of.reduce((most, one) => Math.max(most, one.utilisation), 0);
      const own = transferOf(measure, run, subject) ?? activityOf(measure, run, subject);
      if (measure.of === null || measure.of === subject || own !== undefined) return own?.bytes ?? null;
      return of.reduce((sum, one) => sum + one.bytes, 0);
    }
    default: {
      const counted = counterNumber(run.counters ?? [], measure.metric, measure.of);
      if (counted !== undefined) return counted;
      const transfer = transferOf(measure, run, subject);
      const activity = transfer === undefined ? activityOf(measure, run, subject) : undefined;
      if (activity !== undefined) {
        const job = run.jobs?.find((one) => one.name === activity.name);
        return (job === undefined ? null : jobNumber(measure.metric, job)) ?? activityNumber(measure.metric, activity);
      }
      if (transfer === undefined) return measure.metric === 'bandwidth' && measure.of === null ? aggregate(run) : null;
      switch (measure.metric) {
        case 'bandwidth':
          return transfer.bytesPerSecond;
        case 'latency':
        case 'time':
          return transfer.endSeconds - transfer.startSeconds;
        case 'first-byte':
          return transfer.firstByteSeconds - transfer.startSeconds;
        default:
          return null;
      }
    }
  }
}

function activityNumber(metric: string, activity: ActivityResult): number | null {
  switch (metric) {
    case 'bandwidth':
      return activity.bytesPerSecond;
    case 'bus-bandwidth':
      return activity.busBytesPerSecond ?? null;
    case 'latency':
      return activity.latencySeconds ?? activity.endSeconds - activity.startSeconds;
    case 'time':
      return activity.endSeconds - activity.startSeconds;
    default:
      return null;
  }
}

function jobNumber(metric: string, job: JobResult): number | null {
  switch (metric) {
    case 'iops':
      return job.iops;
    case 'latency':
      return job.latency.mean;
    case 'latency-p50':
      return job.latency.p50;
    case 'latency-p99':
      return job.latency.p99;
    case 'latency-p999':
      return job.latency.p999;
    case 'cpu-time':
      return job.cpuSecondsPerOperation;
    case 'write-amplification':
      return job.writeAmplification ?? null;
    default:
      return null;
  }
}

/** Bytes of all transfers over the time of the run. */
function aggregate(run: RunResult): number | null {
  if (run.transfers.length === 0 || run.makespanSeconds <= 0) return null;
  return run.transfers.reduce((sum, transfer) => sum + transfer.bytes, 0) / run.makespanSeconds;
}

function wordOf(
  measure: Measure,
  run: RunResult,
  routes: ReadonlyMap<string, Route>,
  subject: string | null,
): string | null {
  const transfer = transferOf(measure, run, subject);
  const activity = transfer === undefined ? activityOf(measure, run, subject) : undefined;
  if (activity !== undefined && measure.metric === 'bottleneck') return activity.bottleneck;
  const job = run.jobs?.find((one) => one.name === activity?.name);
  if (job !== undefined) return measure.metric === 'path' ? job.route : null;
  const route = routes.get(transfer?.name ?? activity?.name ?? measure.of ?? subject ?? '');
  if (route === undefined) return null;
  switch (measure.metric) {
    case 'path':
      return route.route;
    case 'class':
      return route.class;
    case 'mapping':
      return route.mapping;
    case 'bottleneck':
      return transfer?.bottleneck ?? null;
    default:
      return null;
  }
}

function format(metric: string, value: number): string {
  switch (metric) {
    case 'bandwidth':
    case 'bus-bandwidth':
    case 'rxpci':
    case 'txpci':
    case 'nvlink-rx':
    case 'nvlink-tx':
      return formatRate(value);
    case 'sm':
    case 'utilisation':
      return formatFraction(value);
    case 'bytes':
    case 'PCIRdCur':
    case 'ItoM':
    case 'media-units-written':
      return formatBytes(value);
    case 'BadTLP':
    case 'data-units-read':
    case 'data-units-written':
      return String(value);
    case 'iops':
      return formatIops(value);
    case 'write-amplification':
      return value.toPrecision(3);
    default:
      return formatSeconds(value);
  }
}
