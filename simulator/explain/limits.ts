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
  const groups = new Map<string, { readonly phases: LimitPhase[]; readonly held: Map<string, number> }>();
  for (const { name, phases } of copies) {
    check();
    for (const phase of phases) {
      if (phase.limitedBy === '') continue;
      const key = `${phase.kind} ${phase.limitedBy}`;
      const group = groups.get(key) ?? { phases: [], held: new Map<string, number>() };
      groups.set(key, group);
      group.phases.push(phase);
      group.held.set(name, (group.held.get(name) ?? 0) + secondsOf(phase));
    }
  }
  const found = [...groups.values()]
    .flatMap(({ phases, held }): Bottleneck[] => {
      check();
      const [first] = phases;
      if (first === undefined) return [];
      const { limitedBy, kind } = first;
      const names = [...held].sort((a, b) => b[1] - a[1]).map(([name]) => name);
      const seconds = coveredSeconds(phases, check);
      const share = makespanSeconds > 0 ? Math.min(1, seconds / makespanSeconds) : 0;
      const copies = names.slice(0, mostNamed);
      return [{ limitedBy, kind, seconds, share, copies, copyCount: names.length, next: nextOf(phases) }];
    })
    .sort((a, b) => b.seconds - a.seconds);
  const longest = found.find(({ kind }) => kind !== 'latency')?.seconds ?? 0;
  return found.filter(({ kind, seconds }) => kind !== 'latency' || seconds > longest);
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
