import type { Sourced } from '../model/origin.ts';
import { type Check, noCheck } from './cancel.ts';
import type { PlannedCopy } from './demands.ts';

/**
 * What is left of a port of a switch or root complex whose packets wait for busy ports, those behind them with them. A packet holds the
 * port for its own time and for as long as packets of other ports are before it at the way out, which is what waits in a
 * queue of fixed service (M/D/1): load / (2 (1 - load)) of a packet's time. Without end and with all ports alike this is
 * the saturation of 0.586 that is known; for three ports it gives 0.697 for 0.6825, for two 0.764 for 0.75.
 */
export const headOfLine: Sourced<(loadOfOthers: number) => number> = {
  value: (load) => load / (2 * (1 - Math.min(load, fullest))),
  source:
    'Karol, Hluchyj, Morgan: Input versus output queueing on a space-division packet switch, IEEE Transactions on ' +
    'Communications 35 (1987), section III. Measured: eight GPUs below two switches, all to all, 179 GB/s where 177 come ' +
    'out; four below one, 149 to 153 for 145 to 157 (voipmonitor/rtx6kpro@29f3863)',
};

/** A way out that others fill is still shared: nobody waits forever. */
const fullest = 0.95;
const rounds = 24;
/** Shares that move by less than this have settled. */
const settled = 1e-4;

export interface Crossing {
  readonly input: string;
  readonly output: string;
}

/** A copy with the places where its data passes switches. */
export interface CrossingCopy {
  readonly planned: PlannedCopy;
  readonly bytes: number;
  readonly crossings: readonly Crossing[];
}

/**
 * The part that is left of each port that copies come in by, where others compete for the ways out; ports
 * that lose nothing are absent. What they load is taken over the time in which all of the copies could be through: those
 * that are through early leave the ways out to the rest. The time follows from the parts and the parts from the loads, so
 * that both are sought in turn.
 */
export function blockedShares(copies: readonly CrossingCopy[], check: Check = noCheck): Map<string, number> {
  const contended = contendedInputs(copies);
  const shares = new Map<string, number>([...contended].map((input) => [input, 1]));
  if (shares.size === 0) return shares;
  const busy = busySeconds(copies);
  const slowest = copies.reduce((most, { planned, bytes }) => Math.max(most, bytes / planned.cap), 0);
  const passed = passedSeconds(copies, check);
  for (let round = 0; round < rounds; round++) {
    check();
    let seconds = slowest;
    for (const [key, time] of busy) seconds = Math.max(seconds, time / (shares.get(key) ?? 1));
    let moved = 0;
    for (const [input, share] of shares) {
      const next = (share + shareOf(passed, input, seconds)) / 2;
      moved = Math.max(moved, Math.abs(next - share));
      shares.set(input, next);
    }
    if (moved < settled) break;
  }
  return new Map([...shares].filter(([, share]) => share < 1 - 1e-3));
}

/** For how long everything that passes it keeps each resource busy. */
function busySeconds(copies: readonly CrossingCopy[]): Map<string, number> {
  const busy = new Map<string, number>();
  for (const { planned, bytes } of copies) {
    for (const { key, cost, capacity } of planned.demands) {
      if (Number.isFinite(capacity)) busy.set(key, (busy.get(key) ?? 0) + (bytes * cost) / capacity);
    }
  }
  return busy;
}

/** Ports that send to more than one way out, one of which at least is used by another port. */
function contendedInputs(copies: readonly CrossingCopy[]): Set<string> {
  const outputs = new Map<string, Set<string>>();
  const inputs = new Map<string, Set<string>>();
  const add = (all: Map<string, Set<string>>, key: string, value: string) =>
    all.set(key, (all.get(key) ?? new Set()).add(value));
  for (const { crossings } of copies) {
    for (const { input, output } of crossings) {
      add(outputs, input, output);
      add(inputs, output, input);
    }
  }
  const contended = new Set<string>();
  for (const [input, ways] of outputs) {
    const shared = [...ways].filter((output) => (inputs.get(output)?.size ?? 0) > 1);
    if (ways.size > 1 && shared.length > 0) contended.add(input);
  }
  return contended;
}

/** For how long each port, by what comes in at it, keeps the ways out busy, and each way out for all ports. */
interface Passed {
  readonly byInput: Map<string, Map<string, number>>;
  readonly byOutput: Map<string, number>;
}

function passedSeconds(copies: readonly CrossingCopy[], check: Check): Passed {
  const byInput = new Map<string, Map<string, number>>();
  const byOutput = new Map<string, number>();
  for (const { planned, bytes, crossings } of copies) {
    check();
    for (const { input, output } of crossings) {
      const demand = planned.demands.find(({ key, carriesPayload }) => key === output && carriesPayload);
      if (demand === undefined) continue;
      const seconds = (bytes * demand.cost) / demand.capacity;
      const outputs = byInput.get(input) ?? new Map<string, number>();
      outputs.set(output, (outputs.get(output) ?? 0) + seconds);
      byInput.set(input, outputs);
      byOutput.set(output, (byOutput.get(output) ?? 0) + seconds);
    }
  }
  return { byInput, byOutput };
}

/** The part of a port that is left where all of it takes these seconds. */
function shareOf({ byInput, byOutput }: Passed, input: string, seconds: number): number {
  let own = 0;
  let waited = 0;
  for (const [output, mine] of byInput.get(input) ?? []) {
    own += mine;
    waited += mine * headOfLine.value(((byOutput.get(output) ?? 0) - mine) / seconds);
  }
  return own === 0 ? 1 : 1 / (1 + waited / own);
}
