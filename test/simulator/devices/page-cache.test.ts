import { describe, expect, it } from 'vitest';
import type { JobResult } from '../../../simulator/jobs/job.types.ts';
import { simulate } from '../../../simulator/simulate.ts';
import type { RunResult } from '../../../simulator/simulate.types.ts';
import { elaborate } from '../../accuracy/elaborate.ts';

const machine = (memory = '384 GiB at 460 GB/s') => `machine m {
  socket cpu0 : epyc-9554 {
    memory ${memory}
    root-port rp0 gen4 x4 { nvme ssd0 : pm9a3 }
  }
}`;

async function run(lines: string, on = machine()): Promise<RunResult> {
  const read = await elaborate(`${on}\njob j on ssd0 {\n${lines}\n}`);
  const [one] = simulate(read.machine, read.work).runs;
  if (one === undefined) throw new Error('no run');
  return one;
}

async function job(lines: string, on?: string): Promise<JobResult> {
  const [one] = (await run(lines, on)).jobs ?? [];
  if (one === undefined) throw new Error('no job');
  return one;
}

const reads = (more: string) => `pattern read\nblock 4 KiB\nengine psync\nruntime 10 ms\n${more}`;
const random = (more: string) => `pattern randread\nblock 4 KiB\ndepth 32\nruntime 10 ms\n${more}`;
const writes = (size: string, more: string) => `pattern write\nblock 64 KiB\nengine psync\nsize ${size}\n${more}`;

describe('the page cache', () => {
  it('reads ahead: small reads one after the other come from memory, and now and then one waits', async () => {
    const [past, through] = [await job(reads('direct on')), await job(reads('direct off'))];
    expect(through.iops).toBeGreaterThan(3 * past.iops);
    expect(through.latency.p50).toBeLessThan(past.latency.p50);
    expect(through.latency.p99).toBeGreaterThan(past.latency.p50);
    // The mean is that of the time, as with one request in flight.
    expect(through.latency.mean).toBeCloseTo(1 / through.iops, 8);
    expect(through.blockBytes).toBe(4096);
  });

  it('costs a core copies: large reads are slower than past it', async () => {
    const large = (direct: string) =>
      `pattern read\nblock 1 MiB\ndepth 8\nengine io_uring\nruntime 20 ms\ndirect ${direct}`;
    const [past, through] = [await job(large('on')), await job(large('off'))];
    expect(through.bytesPerSecond).toBeLessThan(0.9 * past.bytesPerSecond);
    expect(through.cpuSecondsPerOperation).toBeGreaterThan(5 * past.cpuSecondsPerOperation);
  });

  it('makes libaio wait in the call, and io_uring not', async () => {
    const kernel = async (engine: string, direct: string) =>
      (await job(random(`engine ${engine}\ndirect ${direct}`))).iops;
    expect(await kernel('libaio', 'on')).toBeGreaterThan(10 * (await kernel('libaio', 'off')));
    expect(await kernel('io_uring', 'off')).toBeGreaterThan(10 * (await kernel('libaio', 'off')));
  });

  it('takes writes at the rate of memory, and the drive gets all of them in its own time', async () => {
    const result = await run(writes('1 GiB', 'direct off'));
    const [through] = result.jobs ?? [];
    const past = await job(writes('1 GiB', 'direct on'));
    expect(through?.bytesPerSecond).toBeGreaterThan(1.2 * past.bytesPerSecond);
    expect(through?.bytes).toBeCloseTo(2 ** 30, -1);
    expect(through?.limitedBy).toContain('page cache');
    // Written back until the end of the run, which is later than that of the job.
    expect(result.makespanSeconds).toBeGreaterThan(1.1 * (through?.endSeconds ?? 0));
    const up = result.links.find(({ name, direction }) => name === 'cpu0.rp0' && direction === 'down');
    expect(up?.payloadBytes).toBeCloseTo(2 ** 30, -1);
  });

  it('holds writers back to the drive once a fifth of the memory is dirty', async () => {
    const little = machine('8 GiB at 460 GB/s');
    const [small, large] = [
      await job(writes('1 GiB', 'direct off'), little),
      await job(writes('64 GiB', 'direct off'), little),
    ];
    const drive = await job(writes('4 GiB', 'direct on\njobs 4'));
    expect(small.bytesPerSecond).toBeGreaterThan(1.2 * drive.bytesPerSecond);
    expect(large.bytesPerSecond).toBeLessThan(1.1 * drive.bytesPerSecond);
    expect(large.limitedBy).toContain('ssd0');
  });

  it.each([
    ['pattern randrw\nengine io_uring', 'a mix'],
    ['pattern randread\nengine spdk', 'SPDK'],
  ])('is passed by, and that is said: %s', async (lines, why) => {
    const { assumptions } = await run(`${lines}\nruntime 1 ms\ndirect off`);
    expect(assumptions.some((one) => one.includes(why))).toBe(true);
  });
});
