import { type Check, noCheck } from '../cancel.ts';
import type { LimitPhase, NextLimit } from '../simulate.types.ts';
import type { Bottleneck, LimitShare } from './explain.types.ts';
import { coveredSeconds } from './work-tracks.ts';

const secondsOf = ({ startSeconds, endSeconds }: LimitPhase): number => endSeconds - startSeconds;

/** What held one transfer back, phases of one limit together, the longest first. */
export function limitShares(phases: readonly LimitPhase[]): LimitShare[] {
  const whole = phases.reduce((sum, phase) => sum + secondsOf(phase), 0);
  return byLimit(phases)
    .flatMap((all): LimitShare[] => {
      const [first] = all;
      if (first === undefined) return [];
      const { limitedBy, kind } = first;
      const seconds = all.reduce((sum, phase) => sum + secondsOf(phase), 0);
      const bytes = all.reduce((sum, phase) => sum + phase.bytesPerSecond * secondsOf(phase), 0);
      const share = whole > 0 ? seconds / whole : 0;
      return [
        { limitedBy, kind, seconds, share, bytesPerSecond: seconds > 0 ? bytes / seconds : 0, next: nextOf(all) },
      ];
    })
    .sort((a, b) => b.seconds - a.seconds);
}

/** Copies that one limit is said to hold back. */
const mostNamed = 6;

/**
 * What held back the copies of a run, what did so for the longest time first. A latency is named where nothing but latency
 * held back for longer: the first byte of a large copy is no bottleneck, that of a small one is.
 */
export function bottlenecks(
  copies: readonly { readonly name: string; readonly phases: readonly LimitPhase[] }[],
  makespanSeconds: number,
  check: Check = noCheck,
): Bottleneck[] {
  const groups = new Map<string, Holding>();
  for (const copy of copies) {
    check();
    let last: Holding | undefined;
    for (const phase of copy.phases) {
      if (phase.limitedBy === '') continue;
      // Neighbours mostly have one limit.
      if (last?.kind !== phase.kind || last.limitedBy !== phase.limitedBy) last = groupOf(groups, phase);
      hold(last, copy.name, phase);
    }
  }
  const found = [...groups.values()]
    .map(({ limitedBy, kind, spans, held, longest }): Bottleneck => {
      check();
      const names = [...held].sort((a, b) => b[1] - a[1]).map(([name]) => name);
      const seconds = coveredSeconds(spans, check);
      const share = makespanSeconds > 0 ? Math.min(1, seconds / makespanSeconds) : 0;
      const copies = names.slice(0, mostNamed);
      return { limitedBy, kind, seconds, share, copies, copyCount: names.length, next: longest.next ?? null };
    })
    .sort((a, b) => b.seconds - a.seconds);
  const longest = found.find(({ kind }) => kind !== 'latency')?.seconds ?? 0;
  return found.filter(({ kind, seconds }) => kind !== 'latency' || seconds > longest);
}

/** What one limit has held back: phases that follow each other are one span. */
interface Holding extends Pick<LimitPhase, 'limitedBy' | 'kind'> {
  readonly spans: { readonly startSeconds: number; endSeconds: number }[];
  readonly held: Map<string, number>;
  longest: LimitPhase;
}

function groupOf(groups: Map<string, Holding>, phase: LimitPhase): Holding {
  const { limitedBy, kind } = phase;
  const key = `${kind} ${limitedBy}`;
  const known = groups.get(key);
  if (known !== undefined) return known;
  const made = { limitedBy, kind, spans: [], held: new Map<string, number>(), longest: phase };
  groups.set(key, made);
  return made;
}

function hold(group: Holding, name: string, phase: LimitPhase): void {
  const seconds = secondsOf(phase);
  const last = group.spans.at(-1);
  if (last !== undefined && last.endSeconds === phase.startSeconds) last.endSeconds = phase.endSeconds;
  else group.spans.push({ startSeconds: phase.startSeconds, endSeconds: phase.endSeconds });
  group.held.set(name, (group.held.get(name) ?? 0) + seconds);
  if (seconds > secondsOf(group.longest)) group.longest = phase;
}

/** Phases of one limit together, in the order in which the limits came. */
function byLimit(phases: readonly LimitPhase[]): LimitPhase[][] {
  const groups = new Map<string, LimitPhase[]>();
  for (const phase of phases) {
    const key = `${phase.kind} ${phase.limitedBy}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [phase]);
    else group.push(phase);
  }
  return [...groups.values()];
}

/** The limit behind, of the longest phase. */
function nextOf(phases: readonly LimitPhase[]): NextLimit | null {
  let best: LimitPhase | undefined;
  for (const phase of phases) if (best === undefined || secondsOf(phase) > secondsOf(best)) best = phase;
  return best?.next ?? null;
}
