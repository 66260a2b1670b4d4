import type { TaskTimes } from './engine/flow.ts';
import type { Plan } from './plan.ts';
import { rate } from './results.ts';
import type { ActivityResult } from './simulate.types.ts';

/** A piece of work among the tasks of a plan: those from `first` up to `end`. */
export interface WorkSpan {
  readonly name: string;
  readonly first: number;
  readonly end: number;
  /** Names of work that must be done first. */
  readonly after: readonly string[];
}

/** Work of a scenario, put in the order that `after` asks for. */
export interface Ordered {
  /** What cannot be, in words: work that waits for itself. */
  readonly refused: readonly string[];
  /** The task with which what a piece of work waits for is done, by its name. */
  readonly gates: ReadonlyMap<string, number>;
}

/** Makes the tasks of work that begin by themselves wait for the ends of what it comes after. Unknown names are passed over. */
export function orderWork(plan: Plan, spans: readonly WorkSpan[]): Ordered {
  const refused: string[] = [];
  const gates = new Map<string, number>();
  const byName = new Map(spans.map((span) => [span.name, span]));
  for (const { name, first, end, after } of spans) {
    plan.check();
    const before = after.flatMap((one) => byName.get(one) ?? []);
    if (before.length === 0) continue;
    if (before.some((one) => waitsFor(one, name, byName, new Set()))) {
      refused.push(`${name}: it waits for itself, so it starts at its time.`);
      continue;
    }
    const gate = plan.step(0, { after: before.flatMap((one) => range(one.first, one.end)) });
    gates.set(name, gate);
    // Tasks that wait for others of the same work come after those anyway.
    for (const task of range(first, end)) if ((plan.tasks[task]?.after.length ?? 0) === 0) plan.alsoAfter(task, [gate]);
  }
  return { refused, gates };
}

const range = (first: number, end: number) => Array.from({ length: end - first }, (_, index) => first + index);

function waitsFor(span: WorkSpan, name: string, byName: ReadonlyMap<string, WorkSpan>, seen: Set<string>): boolean {
  if (span.name === name) return true;
  if (seen.has(span.name)) return false;
  seen.add(span.name);
  return span.after.some((one) => {
    const next = byName.get(one);
    return next !== undefined && waitsFor(next, name, byName, seen);
  });
}

/** A result of work that waited: it began when what it waited for was done. */
export function sinceGate(
  result: ActivityResult,
  gates: Ordered['gates'],
  times: readonly TaskTimes[],
): ActivityResult {
  const gate = gates.get(result.name);
  const opened = gate === undefined ? undefined : times[gate]?.endSeconds;
  if (opened === undefined || opened <= result.startSeconds) return result;
  const bytesPerSecond = rate(result.bytes, result.endSeconds - opened);
  const bus = result.busBytesPerSecond;
  const faster = result.bytesPerSecond > 0 ? bytesPerSecond / result.bytesPerSecond : 1;
  return {
    ...result,
    startSeconds: opened,
    bytesPerSecond,
    ...(bus === undefined ? {} : { busBytesPerSecond: bus * faster }),
  };
}
