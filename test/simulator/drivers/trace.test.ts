import { describe, expect, it } from 'vitest';
import { simulate } from '../../../simulator/simulate.ts';
import { PerfettoWriter } from '../../../simulator/trace/perfetto.ts';
import { PerfettoTracer } from '../../../simulator/trace/run-trace.ts';
import { elaborate } from '../../accuracy/elaborate.ts';

interface Event {
  readonly name: string;
  readonly ph: string;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly id?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

const text = `machine m {
  socket cpu0 : epyc-9554 {
    memory 384 GiB at 460 GB/s
    root-port rp0 gen4 x16 { gpu gpu0 : a100-pcie-80gb }
    root-port rp1 gen4 x4 { nvme ssd0 : pm9a3 { queue-pairs 2 } }
    root-port rp2 gen3 x8 { fpga fpga0 { xdma h2c 1 c2h 1 } }
  }
}
scenario all {
  process train on gpu0 {
    polling off
    cores 0..1
    stream s0 {
      kernel 50 us gemm
      copy d2h 64 KiB
      synchronize
    }
  }
  job reads on ssd0 {
    pattern randread
    block 4 KiB
    depth 4
    cores 3 40
    jobs 2
    engine io_uring
    runtime 1 ms
  }
  pipeline sense {
    stage in from fpga0 to cpu0.memory { size 64 KiB }
    stage up from cpu0.memory to gpu0 { size 64 KiB }
  }
}`;

/** Bars of a trace by the names of their tracks, and what each arrow passes in the order of time. */
async function traced() {
  const { machine, work } = await elaborate(text);
  const chunks: string[] = [];
  const writer = new PerfettoWriter((chunk) => chunks.push(chunk));
  simulate(machine, work, { trace: new PerfettoTracer(writer) });
  writer.close();
  const events: readonly Event[] = JSON.parse(chunks.join('')).traceEvents;
  const track = new Map(
    events.filter(({ name }) => name === 'thread_name').map(({ tid, args }) => [tid, String(args?.name)]),
  );
  const bars = events.filter(({ ph }) => ph === 'X').map((one) => ({ ...one, track: track.get(one.tid) ?? '' }));
  const arrows = new Map<number, { readonly track: string; readonly name: string; readonly ts: number }[]>();
  for (const { ph, id = 0, tid, ts } of events) {
    if (ph !== 's' && ph !== 't') continue;
    const bar = bars.find((one) => one.tid === tid && one.ts === ts);
    arrows.set(id, [...(arrows.get(id) ?? []), { track: track.get(tid) ?? '', name: bar?.name ?? '', ts }]);
  }
  return { tracks: [...track.values()], bars, chains: [...arrows.values()] };
}

describe('the trace of drivers and devices', async () => {
  const { tracks, bars, chains } = await traced();

  it('has a track for each queue, engine, link and core that is used', () => {
    const expected = [
      'cpu0.rp1.ssd0/queue 1',
      'cpu0.rp1.ssd0/queue 2',
      'cpu0.rp1.ssd0 read',
      'cpu0.rp0.gpu0/host engine',
      'cpu0.rp0.gpu0 copy engine d2h',
      'cpu0.rp0.gpu0 copy engine h2d',
      'cpu0.rp0.gpu0 compute',
      'cpu0.rp2.fpga0 C2H channels',
      'cpu0.rp0 up',
      'cpu0.rp0 down',
      'cpu0.rp1 up',
      'cpu0.rp2 up',
      'cpu0.memory',
      'core 3',
      'core 40',
      'train cores',
      'cpu0 interrupts',
      'cpu0.rp2.fpga0 vector 0',
    ];
    expect(expected.filter((one) => !tracks.includes(one))).toEqual([]);
    for (const one of expected) expect(bars.some(({ track }) => track === one)).toBe(true);
  });

  it('leads an arrow from the call of a copy to its DMA and to its interrupt', () => {
    const copy = chains.find((chain) => chain.some(({ track }) => track.endsWith('copy engine d2h'))) ?? [];
    const own = copy.filter(({ track }) => track !== 'train cores').map(({ track, name }) => `${track}: ${name}`);
    expect(own).toEqual([
      'train/s0/thread: cudaMemcpyAsync',
      'train/s0/thread: doorbell',
      'cpu0.rp0.gpu0/host engine: fetch commands',
      'train/s0: copy d2h',
      'cpu0.rp0.gpu0 copy engine d2h: copy d2h',
      'cpu0.rp0.gpu0/host engine: release semaphore',
      'cpu0 interrupts: MSI-X nvidia.ko',
      'cpu0.rp0.gpu0 vector 0: MSI-X nvidia.ko',
      'train/s0/thread: wake-up',
    ]);
  });

  it('leads an arrow from the submission of a command through its queue to the interrupt on a core', () => {
    const commands = chains.filter(([first]) => first?.name === 'submit reads');
    // Those that the watch ended before they were complete have no interrupt.
    const whole = commands.filter((chain) => chain.length === 6);
    expect(whole.length).toBeGreaterThan(0.8 * commands.length);
    for (const chain of whole) {
      const [submit, ...rest] = chain;
      const interrupt = rest.at(-1);
      expect(rest.slice(0, 4).map(({ name }) => name)).toEqual(['fetch', 'media', 'data to host', 'completion']);
      for (const { track } of rest.slice(0, 4)) expect(track).toMatch(/^cpu0\.rp1\.ssd0\/queue [12]/);
      expect(interrupt?.name).toMatch(/^interrupt cpu0\.rp1\.ssd0 vector [12]$/);
      expect(submit?.track).toMatch(/^core (3|40)$/);
      // Two queues for all cores: a core of the half that submitted takes the interrupt.
      const half = (track: string | undefined) => Number(track?.slice(5)) >= 32;
      expect(half(interrupt?.track)).toBe(half(submit?.track));
    }
  });

  it('leads an arrow from read() of XDMA over the DMA and the interrupt to the copy of the next stage', () => {
    const item = chains.find(([first]) => first?.name === 'read /dev/xdma0_c2h_0') ?? [];
    expect(item.map(({ track }) => track)).toEqual([
      'sense/in',
      'sense/in',
      'cpu0.rp2.fpga0 C2H channels',
      'cpu0 interrupts',
      'cpu0.rp2.fpga0 vector 0',
      'sense/in',
      'sense/up',
      'sense/up',
      'cpu0.rp0.gpu0 copy engine h2d',
    ]);
  });

  it('never leads an arrow back in time', () => {
    for (const chain of chains) {
      const times = chain.map(({ ts }) => ts);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
  });
});
