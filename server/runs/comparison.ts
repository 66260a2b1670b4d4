import type { LinkUse, ResourceUse, RunResult, TransferResult } from '../../simulator/simulate.types.ts';
import type {
  ComparedExpectation,
  ComparedTransfer,
  ComparedUse,
  RunComparison,
  TransferFigures,
} from '../protocol.ts';

/** One side of a comparison. */
export interface Side {
  readonly label: string;
  readonly runs: readonly RunResult[];
}

/** Two results side by side, by the names of what is in them; what only one of them has is there too. */
export function compareRuns(before: Side, after: Side): RunComparison {
  const [first, second] = [makespanOf(before), makespanOf(after)];
  return {
    before: { label: before.label, makespanSeconds: first },
    after: { label: after.label, makespanSeconds: second },
    speedup: ratio(first, second),
    transfers: pairs(namedTransfers(before.runs), namedTransfers(after.runs)).map(comparedTransfer),
    use: comparedUse(before.runs, after.runs),
    expectations: pairs(namedExpectations(before.runs), namedExpectations(after.runs))
      .map(([text, one, other]): ComparedExpectation => ({ text, before: one ?? null, after: other ?? null }))
      .filter((one) => one.before !== one.after),
  };
}

const makespanOf = ({ runs }: Side): number => runs.reduce((most, run) => Math.max(most, run.makespanSeconds), 0);

/** Null where one of them is nothing, or never ends. */
function ratio(numerator: number, denominator: number): number | null {
  const value = numerator / denominator;
  return value > 0 && Number.isFinite(value) ? value : null;
}

type Pair<T> = readonly [name: string, before: T | undefined, after: T | undefined];

function pairs<T>(before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>): Pair<T>[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].map((name) => [name, before.get(name), after.get(name)]);
}

/** Things by a name that is unique over all runs. */
function byName<T>(runs: readonly RunResult[], allOf: (run: RunResult) => readonly (readonly [string, T])[]) {
  const named = new Map<string, T>();
  for (const run of runs) {
    for (const [own, thing] of allOf(run)) {
      const plain = runs.length > 1 && run.name !== own ? `${run.name}: ${own}` : own;
      let name = plain;
      for (let number = 2; named.has(name); number++) name = `${plain} #${number}`;
      named.set(name, thing);
    }
  }
  return named;
}

const namedTransfers = (runs: readonly RunResult[]): ReadonlyMap<string, TransferResult> =>
  byName(runs, ({ transfers }) => transfers.map((transfer) => [transfer.name, transfer] as const));

const namedExpectations = (runs: readonly RunResult[]): ReadonlyMap<string, boolean> =>
  byName(runs, ({ expectations }) => expectations.map(({ text, passed }) => [text, passed] as const));

function comparedTransfer([name, before, after]: Pair<TransferResult>): ComparedTransfer {
  const [first, second] = [figuresOf(before), figuresOf(after)];
  return {
    name,
    before: first,
    after: second,
    rateRatio: first === null || second === null ? null : ratio(second.bytesPerSecond, first.bytesPerSecond),
    latencyRatio: first === null || second === null ? null : ratio(second.firstByteSeconds, first.firstByteSeconds),
  };
}

function figuresOf(transfer: TransferResult | undefined): TransferFigures | null {
  if (transfer === undefined) return null;
  const { startSeconds, endSeconds, firstByteSeconds, bytesPerSecond, route, bottleneck } = transfer;
  const seconds = endSeconds - startSeconds;
  return { seconds, bytesPerSecond, firstByteSeconds: firstByteSeconds - startSeconds, route, bottleneck };
}

/** Shares that differ by less are the same. */
const leastDifference = 0.005;

/** Links and other things that are busier or idler, what moved the most first. The busiest of several runs counts. */
function comparedUse(before: readonly RunResult[], after: readonly RunResult[]): ComparedUse[] {
  return pairs(useOf(before), useOf(after))
    .flatMap(([, one, other]): ComparedUse[] => {
      const known = one ?? other;
      if (known === undefined) return [];
      const { name, direction } = known;
      return [{ name, direction, before: one?.utilisation ?? 0, after: other?.utilisation ?? 0 }];
    })
    .filter((use) => Math.abs(use.after - use.before) >= leastDifference)
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
}

type Use = Pick<ComparedUse, 'name' | 'direction'> & { readonly utilisation: number };

function useOf(runs: readonly RunResult[]): ReadonlyMap<string, Use> {
  const all = new Map<string, Use>();
  const take = ({ name, utilisation }: LinkUse | ResourceUse, direction: ComparedUse['direction']): void => {
    const key = `${direction ?? ''} ${name}`;
    if ((all.get(key)?.utilisation ?? -1) < utilisation) all.set(key, { name, direction, utilisation });
  };
  for (const { links, resources } of runs) {
    for (const link of links) take(link, link.direction);
    for (const resource of resources) take(resource, null);
  }
  return all;
}
