import { describe, expect, it } from 'vitest';
import { simulate } from '../../../simulator/simulate.ts';
import type { Fidelity } from '../../../simulator/simulate.types.ts';
import { PerfettoWriter } from '../../../simulator/trace/perfetto.ts';
import { PerfettoTracer, perfettoChunks } from '../../../simulator/trace/run-trace.ts';
import { makeMachine, makeWork } from '../packet/random-machine.ts';

interface Event {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly id?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

interface Trace {
  readonly otherData: Readonly<Record<string, unknown>>;
  readonly traceEvents: readonly Event[];
}

const gpu = { kind: 'gpu', generation: 4, lanes: 16, readGBs: 1, writeGBs: 1 } as const;
const drive = { kind: 'nvme', generation: 4, lanes: 4, readGBs: 3.5, writeGBs: 3 } as const;
const { machine, ends } = makeMachine({
  ports: [{ generation: 5, lanes: 16, devices: [gpu, gpu, drive], nested: false }],
  memoryGBs: 80,
  amd: true,
  maxPayloadBytes: 256,
});
const work = makeWork(machine, ends, [
  { from: 1, to: 2, via: 'auto', bytes: 65_536 },
  { from: 0, to: 1, via: 'auto', bytes: 40_000 },
  { from: 3, to: 1, via: 'host', bytes: 30_000 },
]);

function traced(fidelity: Fidelity, most?: number): Trace {
  const chunks: string[] = [];
  const writer = new PerfettoWriter((chunk) => chunks.push(chunk), { seed: 1, fidelity });
  simulate(machine, work, { fidelity, trace: new PerfettoTracer(writer, most) });
  writer.close();
  return JSON.parse(chunks.join(''));
}

const tracks = ({ traceEvents }: Trace) =>
  new Map(traceEvents.filter(({ name }) => name === 'thread_name').map(({ tid, args }) => [tid, String(args?.name)]));

describe.each(['ideal', 'flow', 'packet'] as const)('a trace of fidelity %s', (fidelity) => {
  const trace = traced(fidelity);
  const names = tracks(trace);

  it('is Chrome trace JSON with the run as a process', () => {
    expect(trace.otherData).toEqual({ seed: 1, fidelity });
    expect(trace.traceEvents[0]).toMatchObject({ name: 'process_name', ph: 'M', args: { name: 'all' } });
  });

  it('has a track for each direction of a link that is used, for memory, for devices and for transfers', () => {
    const all = [...names.values()];
    for (const one of ['transfer t0', 'cpu0.rp0.sw0.rp0p0 up', 'cpu0.rp0.sw0.rp0p0 down', 'cpu0.rp0 up', 'cpu0.memory'])
      expect(all).toContain(one);
    expect(all).toContain('cpu0.rp0.sw0.rp0p2.nvme2 read');
    expect(new Set(all).size).toBe(all.length);
  });

  it('has bars that lie beside or within each other on each track', () => {
    const byTrack = new Map<number, Event[]>();
    for (const event of trace.traceEvents) {
      if (event.ph === 'X') byTrack.set(event.tid, [...(byTrack.get(event.tid) ?? []), event]);
    }
    let crossing = 0;
    for (const bars of byTrack.values()) {
      const open: number[] = [];
      const inOrder = bars.map(({ ts, dur }) => [Math.round(ts * 1e3), Math.round((ts + dur) * 1e3)] as const);
      inOrder.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
      for (const [from, to] of inOrder) {
        while ((open.at(-1) ?? Number.POSITIVE_INFINITY) <= from) open.pop();
        if (to > (open.at(-1) ?? Number.POSITIVE_INFINITY)) crossing++;
        open.push(to);
      }
    }
    expect(crossing).toBe(0);
  });

  it('joins what belongs together by arrows that begin once and lie within bars', () => {
    const arrows = trace.traceEvents.filter(({ ph }) => ph === 's' || ph === 't');
    const begun = arrows.filter(({ ph }) => ph === 's').map(({ id }) => id);
    expect(new Set(begun).size).toBe(begun.length);
    expect(arrows.length).toBeGreaterThan(begun.length);
    const bars = new Set(trace.traceEvents.filter(({ ph }) => ph === 'X').map(({ tid, ts }) => `${tid} ${ts}`));
    expect(arrows.filter(({ tid, ts }) => !bars.has(`${tid} ${ts}`))).toEqual([]);
  });
});

describe('a trace of packets', () => {
  it('shows every TLP on every link that it passes', () => {
    const trace = traced('packet');
    const names = tracks(trace);
    const on = (track: string, kind: string) =>
      trace.traceEvents.filter(({ ph, tid, name }) => ph === 'X' && names.get(tid) === track && name.startsWith(kind));
    // t0: 64 KiB in writes from one GPU to the other.
    const written = on('cpu0.rp0.sw0.rp0p0 up', 'MWr').filter(({ name }) => name.endsWith(' t0'));
    const bytes = (events: readonly Event[]) => events.reduce((sum, { name }) => sum + Number(name.split(' ')[1]), 0);
    expect(bytes(written)).toBe(65_536);
    expect(bytes(on('cpu0.rp0.sw0.rp0p1 down', 'MWr').filter(({ name }) => name.endsWith(' t0')))).toBe(65_536);
    // t1: the first GPU reads memory.
    expect(bytes(on('cpu0.rp0.sw0.rp0p0 down', 'CplD').filter(({ name }) => name.endsWith(' t1')))).toBe(40_000);
    expect(bytes(on('cpu0.rp0.sw0.rp0p0 up', 'MRd').filter(({ name }) => name.endsWith(' t1')))).toBe(40_000);
  });

  it('counts what stands in queues', () => {
    const counters = traced('packet').traceEvents.filter(({ ph }) => ph === 'C');
    expect(counters.length).toBeGreaterThan(0);
    for (const { name, args } of counters) {
      expect(name).toMatch(/^queue /);
      expect(args?.TLPs).toBeGreaterThanOrEqual(0);
    }
  });

  it('ends where it has shown enough, and says so', () => {
    const trace = traced('packet', 100);
    const shown = trace.traceEvents.filter(({ ph, name }) => ph === 'X' && /^(MWr|MRd|CplD)/.test(name));
    expect(shown).toHaveLength(100);
    expect(trace.traceEvents.some(({ ph, name }) => ph === 'i' && name.includes('100'))).toBe(true);
  });
});

describe('a trace of a finished run', () => {
  it('comes in pieces that make one text', () => {
    const result = simulate(machine, work, { fidelity: 'flow' });
    const trace: Trace = JSON.parse([...perfettoChunks(result)].join(''));
    const transfers = trace.traceEvents.filter(({ ph, name }) => ph === 'X' && /^t\d$/.test(name));
    expect(transfers).toHaveLength(result.runs[0]?.transfers.length ?? 0);
  });
});
