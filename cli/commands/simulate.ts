import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { ElaboratedMachine } from '../../language/elaborate/elaborated.ts';
import { checkDocument } from '../../language/rules/check.ts';
import { formatBytes, formatRate, formatSeconds } from '../../model/quantity.ts';
import type { Work } from '../../model/work.ts';
import { jobTable } from '../../server/reports/jobs.ts';
import { nextLimitText, phaseLines } from '../../server/reports/limits.ts';
import { table } from '../../server/reports/table.ts';
import { lookupAmong } from '../../simulator/expectations.ts';
import { parseReplay } from '../../simulator/replay.ts';
import { simulate as run } from '../../simulator/simulate.ts';
import type {
  ActivityResult,
  CounterResult,
  Fidelity,
  RunResult,
  SimulationResult,
} from '../../simulator/simulate.types.ts';
import { PerfettoWriter } from '../../simulator/trace/perfetto.ts';
import { PerfettoTracer } from '../../simulator/trace/run-trace.ts';
import { BadInput, exitCodes, Misuse, unreadable } from '../exit.ts';
import { endOf, hasLostWork, load, machinesOf, noMachine } from '../load.ts';
import { print, printJson } from '../output.ts';
import { taxOf } from './path.ts';

export interface SimulateOptions {
  readonly json?: boolean;
  readonly machine?: string;
  readonly trace?: string;
  readonly transfers?: string;
  readonly fidelity?: string;
  readonly tax?: string;
  readonly seed?: string;
  readonly counters?: boolean;
}

/** `pcie simulate FILE [NAME…]` */
export async function simulate(file: string, names: readonly string[], options: SimulateOptions): Promise<number> {
  const fidelity = options.fidelity ?? 'flow';
  if (fidelity !== 'ideal' && fidelity !== 'flow' && fidelity !== 'packet')
    throw new Misuse(`--fidelity is ideal, flow or packet, not '${fidelity}'.`);
  const seed = options.seed === undefined ? 1 : Number(options.seed);
  if (!Number.isSafeInteger(seed)) throw new Misuse(`--seed takes a whole number, not '${options.seed}'.`);
  const loaded = await load([file]);
  const machines = machinesOf(loaded, options.machine);
  const [first] = machines;
  if (first === undefined) throw noMachine(loaded);
  const replayed = options.transfers;
  const works: readonly (readonly [ElaboratedMachine, Work])[] =
    replayed === undefined
      ? machines.map((one) => [one, one.work] as const)
      : [[first, { ...first.work, transfers: [], scenarios: [replay(replayed, (name) => endOf(first, name))] }]];
  const known = works.flatMap(([, work]) => [...work.transfers, ...work.scenarios].map((one) => one.name));
  for (const name of names)
    if (!known.includes(name))
      throw new Misuse(`There is no transfer or scenario '${name}': ${known.join(', ') || 'the file has none'}.`);
  const [document] = loaded.documents;
  const findings =
    document === undefined
      ? []
      : checkDocument(document, { elaborations: loaded.pcie.Elaborations, roots: loaded.shared.ImportRoots });
  const trace = options.trace === undefined ? null : openTrace(options.trace, { seed, fidelity });
  const results = works.map(([{ machine }, work]) =>
    run(machine, work, {
      fidelity: fidelity as Fidelity,
      tax: taxOf(options.tax),
      seed,
      ...(names.length === 0 ? {} : { names }),
      ...(trace === null ? {} : { trace: trace.tracer }),
      findings: lookupAmong(findings, machine.name),
    }),
  );
  const [one] = results;
  if (one === undefined) throw noMachine(loaded);
  const result = { ...one, runs: results.flatMap(({ runs }) => runs) };
  trace?.close();
  if (options.json === true) printJson(withRanges(result, loaded));
  else printText(result, options.counters === true);
  const hasFailed = result.runs.some((one) => one.expectations.some((expectation) => !expectation.passed));
  // What could not be read was not judged, and counts as not met: a slip of the pen keeps no build green.
  const hasLost = document !== undefined && replayed === undefined && hasLostWork(document, names);
  return hasFailed || hasLost ? exitCodes.failed : exitCodes.done;
}

/** A trace that is written while the runs go on, since one with every packet may be large. */
function openTrace(path: string, about: Readonly<Record<string, string | number>>) {
  let file: number;
  try {
    file = openSync(path, 'w');
  } catch {
    throw new Misuse(`${path}: cannot be written.`);
  }
  const writer = new PerfettoWriter((chunk) => writeSync(file, chunk), about);
  const close = () => {
    writer.close();
    closeSync(file);
  };
  return { tracer: new PerfettoTracer(writer), close };
}

function replay(path: string, end: Parameters<typeof parseReplay>[1]) {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
  const parsed = parseReplay(text, end, path);
  const problems = parsed.problems.map((problem) => {
    const [, line = '1', why = problem] = /^.*?:(\d+): (.*)$/.exec(problem.slice(path.length)) ?? [];
    return new BadInput(path, why, 'input/malformed', Number(line));
  });
  const last = problems.pop();
  for (const problem of problems) process.stderr.write(`${problem.message}\n`);
  if (last !== undefined) throw last;
  return parsed.scenario;
}

/** Offsets of expectations as lines and characters, which is what editors and scripts count in. */
function withRanges(result: SimulationResult, loaded: Awaited<ReturnType<typeof load>>): unknown {
  return {
    ...result,
    // Steps are for a trace: `--trace` writes them.
    runs: result.runs.map(({ records: _, ...one }) => ({
      ...one,
      expectations: one.expectations.map((expectation) => {
        const { uri, offset, end } = expectation.range;
        const text = loaded.documents.find((document) => document.uri.toString() === uri)?.textDocument;
        return {
          ...expectation,
          range: text === undefined ? null : { start: text.positionAt(offset), end: text.positionAt(end) },
        };
      }),
    })),
  };
}

function printText(result: SimulationResult, counters: boolean): void {
  print(`seed ${result.seed}, fidelity ${result.fidelity}`);
  for (const one of result.runs) {
    print(`\n${one.name}: ${formatSeconds(one.makespanSeconds)}`);
    printRun(one);
    if (counters) printCounters(one.counters ?? []);
  }
  if (result.runs.length === 0) print('There is nothing to simulate: the file has no transfer and no scenario.');
}

function printCounters(counters: readonly CounterResult[]): void {
  if (counters.length === 0) return;
  const rows = counters.map(({ tool, counter, of, value, unit }) => [tool, counter, of, counterText(value, unit)]);
  print(table(['tool', 'counter', 'of', 'value'], rows));
}

function counterText(value: number, unit: CounterResult['unit']): string {
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'bytesPerSecond':
      return formatRate(value);
    case 'megabytesPerSecond':
      return `${Math.round(value)} MB/s`;
    case 'percent':
      return `${value.toFixed(1)} %`;
    case 'fraction':
      return value.toFixed(3);
    case 'count':
      return `${value}`;
  }
}

function activityLine(one: ActivityResult): string {
  const facts = [
    `${one.kind} ${one.name}: ${formatSeconds(one.endSeconds - one.startSeconds)}`,
    one.bytes > 0 ? `${formatBytes(one.bytes)} at ${formatRate(one.bytesPerSecond)}` : null,
    one.busBytesPerSecond === undefined ? null : `bus bandwidth ${formatRate(one.busBytesPerSecond)}`,
    one.latencySeconds === undefined ? null : `latency ${formatSeconds(one.latencySeconds)}`,
    one.algorithm ?? null,
    one.bottleneck === '' ? null : `limited by ${one.bottleneck}`,
    one.nextLimit == null ? null : `then by ${nextLimitText(one.nextLimit)}`,
  ];
  return facts.filter((fact) => fact !== null).join(', ');
}

/** What limited work phase after phase, where that is more than one thing. */
function printPhases({ name, phases = [] }: Pick<ActivityResult, 'name' | 'phases'>): void {
  const lines = phaseLines({ phases });
  if (lines.length > 0) print([`${name}:`, ...lines.map((line) => `  ${line}`)].join('\n'));
}

function printRun(one: RunResult): void {
  if (one.transfers.length > 0) {
    const rows = one.transfers.map((transfer) => [
      transfer.name,
      formatBytes(transfer.bytes),
      formatRate(transfer.bytesPerSecond),
      formatSeconds(transfer.endSeconds - transfer.startSeconds),
      transfer.route,
      transfer.bottleneck,
      nextLimitText(transfer.nextLimit),
    ]);
    print(table(['transfer', 'size', 'rate', 'time', 'route', 'limited by', 'then by'], rows));
    for (const transfer of one.transfers) printPhases(transfer);
  }
  if (one.jobs !== undefined) print(jobTable(one.jobs));
  const listed = new Set((one.jobs ?? []).map(({ name }) => name));
  for (const job of one.jobs ?? []) printPhases(job);
  for (const activity of one.activities ?? []) {
    if (listed.has(activity.name)) continue;
    print(activityLine(activity));
    printPhases(activity);
  }
  for (const operation of one.operations) {
    print(
      `${operation.process}.${operation.stream}: ${operation.label}  ${formatSeconds(operation.startSeconds)} .. ${formatSeconds(operation.endSeconds)}`,
    );
  }
  for (const expectation of one.expectations) {
    print(
      `${expectation.passed ? 'pass' : 'FAIL'}: ${expectation.text}${expectation.passed ? '' : `: ${expectation.message}`}`,
    );
  }
  for (const assumption of one.assumptions) print(`assumed: ${assumption}`);
  for (const what of one.notSimulated) print(`not simulated: ${what}`);
}
