import { describe, expect, it } from 'vitest';
import { simulate } from '../../../simulator/simulate.ts';
import type { RunResult } from '../../../simulator/simulate.types.ts';
import { elaborate } from '../../accuracy/elaborate.ts';

const machine = `machine target {
  socket cpu0 : epyc-9554 {
    memory 384 GiB at 460 GB/s
    root-port rp0 gen4 x16 {
      switch sw0 {
        link gen4 x16
        acs off
        port p0 gen4 x4 { nvme plain : pm9a3 }
        port p1 gen4 x4 { nvme buffered : pm9a3 { cmb 128 MiB } }
        port p2 gen4 x16 { nic nic0 : connectx-6 }
        port p3 gen4 x16 { gpu gpu0 : a100-pcie-80gb }
      }
    }
  }
}`;

async function run(job: string): Promise<RunResult> {
  const read = await elaborate(`${machine}\njob j ${job}`);
  const [one] = simulate(read.machine, read.work).runs;
  if (one === undefined) throw new Error('no run');
  return one;
}

const small = 'pattern randread\nblock 4 KiB\nengine io_uring\nruntime 10 ms';
const large = 'pattern read\nblock 128 KiB\ndepth 32\nengine io_uring\nruntime 10 ms';

describe('NVMe over RDMA', () => {
  it('adds some microseconds to a read: two messages and the work of the target', async () => {
    const local = (await run(`on plain {\n${small}\n}`)).jobs?.[0];
    const remote = (await run(`on plain over nic0 {\n${small}\n}`)).jobs?.[0];
    const added = (remote?.latency.mean ?? 0) - (local?.latency.mean ?? 0);
    expect(added).toBeGreaterThan(2 * 1.3e-6);
    // What the makers of the specification aimed at: no more than 10 us.
    expect(added).toBeLessThan(10e-6);
    expect(remote?.engine).toContain('nic0');
  });

  it('brings the data through host memory, or through the memory of a drive that has some', async () => {
    const bytes = ({ resources }: RunResult) =>
      resources.filter(({ kind }) => kind === 'memory').reduce((sum, one) => sum + one.bytes, 0);
    const staged = await run(`on plain over nic0 {\n${large}\n}`);
    const direct = await run(`on buffered over nic0 {\n${large}\n}`);
    const asked = await run(`on buffered over nic0 {\nvia host\n${large}\n}`);
    expect([staged, direct, asked].map(({ jobs }) => jobs?.[0]?.route)).toEqual([
      'host-memory',
      'direct',
      'host-memory',
    ]);
    expect(bytes(direct)).toBe(0);
    expect(bytes(staged)).toBeGreaterThan(1.9 * (staged.jobs?.[0]?.bytes ?? 0));
  });

  it('costs a write a round trip more than a read: the target fetches the data', async () => {
    const write = small.replace('randread', 'randwrite');
    const added = async (job: string) => {
      const [far, near] = [await run(`on plain over nic0 {\n${job}\n}`), await run(`on plain {\n${job}\n}`)];
      return (far.jobs?.[0]?.latency.mean ?? 0) - (near.jobs?.[0]?.latency.mean ?? 0);
    };
    expect((await added(write)) - (await added(small))).toBeGreaterThan(1.3e-6);
  });

  it.each([
    ['on plain over gpu0', 'none'],
    ['on plain from plain to gpu0 over nic0', 'nowhere here'],
    ['on plain over nic0 { engine spdk }', 'other host'],
    ['on plain { engine rdma }', 'over nic0'],
  ])('is refused where it cannot be: %s', async (job, why) => {
    await expect(run(job)).rejects.toThrow(why);
  });

  it('is limited by the other host where that is described, and moves every byte there', async () => {
    const far = machine.replace(
      /\}$/,
      `  socket client : epyc-9554 {
    memory 384 GiB at 460 GB/s
    root-port rp1 gen3 x4 { nic nic1 : connectx-6 }
  }
}`,
    );
    const of = async (job: string) => {
      const read = await elaborate(`${far}\njob j ${job}`);
      return simulate(read.machine, read.work).runs[0];
    };
    const near = await of(`on buffered over nic0 {\n${large}\n}`);
    const there = await of(`on buffered over nic0 nic1 {\n${large}\n}`);
    expect(there?.jobs?.[0]?.limitedBy).toBe('client.rp1');
    expect(there?.jobs?.[0]?.bytesPerSecond).toBeLessThan(0.6 * (near?.jobs?.[0]?.bytesPerSecond ?? 0));
    const link = there?.links.find(({ name, direction }) => name === 'client.rp1' && direction === 'up');
    // The figures of a job are those of its steady part.
    expect((link?.payloadBytes ?? 0) / (there?.jobs?.[0]?.bytes ?? 1)).toBeCloseTo(1, 2);
    const refused = [
      `on buffered over nic0 nic0 {\n${large}\n}`,
      `on buffered over nic0 nic1 nic1 {\n${large}\n}`,
      `on buffered to cpu0.memory over nic0 nic1 {\n${large}\n}`,
    ];
    for (const job of refused) await expect(of(job)).rejects.toThrow(/socket|NIC|other host/);
  });
});
