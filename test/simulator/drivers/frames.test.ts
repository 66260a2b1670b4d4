import { describe, expect, it } from 'vitest';
import { simulate } from '../../../simulator/simulate.ts';
import type { RunResult } from '../../../simulator/simulate.types.ts';
import { elaborate } from '../../accuracy/elaborate.ts';

const machine = (port: string) => `machine m {
  socket cpu0 : epyc-9554 {
    memory 384 GiB at 460 GB/s
    root-port rp0 ${port}
      nic nic0 : connectx-6 { line-rate 100 Gb/s }
    }
  }
}`;

async function run(lines: string, port = 'gen4 x16 {'): Promise<RunResult> {
  const read = await elaborate(`${machine(port)}\njob j on nic0 {\nsize 1 GiB\n${lines}\n}`);
  const [one] = simulate(read.machine, read.work).runs;
  if (one === undefined) throw new Error('no run');
  return one;
}

const job = async (lines: string, port?: string) => (await run(lines, port)).activities?.[0];
const frames = async (bytes: number, lines: string, port?: string) =>
  ((await job(`block ${bytes} B\n${lines}`, port))?.bytesPerSecond ?? 0) / bytes;

describe('frames through the rings of a NIC', () => {
  it('fill the line where they are large, with what Ethernet puts around them', async () => {
    expect((await frames(1500, 'engine dpdk')) * 1520 * 8).toBeCloseTo(100e9, -8);
    expect((await job('engine dpdk\nblock 1500 B'))?.bottleneck).toContain('line');
  });

  it('need cores where they are small: the kernel takes a ninth of what polling does', async () => {
    const [dpdk, napi] = [await frames(64, 'engine dpdk'), await frames(64, 'engine napi')];
    expect(dpdk / 1e6).toBeCloseTo(43.5, 0);
    expect(napi / 1e6).toBeCloseTo(4.8, 1);
    expect((await frames(64, 'engine napi\njobs 4')) / napi).toBeCloseTo(4, 1);
  });

  it.each(['read', 'write'])('cost descriptors on PCIe beside themselves: pattern %s', async (pattern) => {
    const result = await run(`engine dpdk\njobs 16\nblock 256 B\npattern ${pattern}`, 'gen3 x8 {');
    const direction = pattern === 'read' ? 'up' : 'down';
    const way = result.links.find((link) => link.name === 'cpu0.rp0' && link.direction === direction);
    const back = result.links.find((link) => link.name === 'cpu0.rp0' && link.direction !== direction);
    expect(way?.payloadBytes).toBeCloseTo(2 ** 30, -1);
    expect((way?.wireBytes ?? 0) / (way?.payloadBytes ?? 1)).toBeGreaterThan(1 + 24 / 256);
    expect(back?.wireBytes).toBeGreaterThan(0);
  });
});

describe('AER', () => {
  it('counts the TLPs that a link with bit errors spoils, at its receiver', async () => {
    const errors = async (rate: string) =>
      (await run('engine dpdk', `gen4 x16 {\nbit-error-rate ${rate}`)).counters?.filter(({ tool }) => tool === 'AER');
    const [one, ...others] = (await errors('0.000000001')) ?? [];
    expect(others.every(({ counter }) => counter === 'BadTLP')).toBe(true);
    expect(one).toMatchObject({ counter: 'BadTLP', of: 'cpu0.rp0', unit: 'count' });
    // Nine billion bits and a little more.
    expect(one?.value).toBeGreaterThanOrEqual(9);
    expect(one?.value).toBeLessThan(13);
    expect((await run('engine dpdk')).counters?.some(({ tool }) => tool === 'AER')).toBe(false);
  });
});
