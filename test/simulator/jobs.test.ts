import { describe, expect, it } from 'vitest';
import type { Machine } from '../../model/machine.ts';
import type { OtherActivity, Transfer, Work } from '../../model/work.ts';
import type { JobResult } from '../../simulator/jobs/job.types.ts';
import { simulate } from '../../simulator/simulate.ts';
import type { RunResult } from '../../simulator/simulate.types.ts';
import { idOf, type Sketch, sketchMachine } from '../model/draft.ts';

const origin = { uri: 'test:jobs', offset: 0, end: 0 };
const drive = (label: string, settings: Sketch['settings'] = {}): Sketch => ({
  kind: 'nvme',
  label,
  settings: {
    generation: 4,
    lanes: 4,
    readBytesPerSecond: 6.5e9,
    writeBytesPerSecond: 3.5e9,
    readIops: 900e3,
    writeIops: 180e3,
    ...settings,
  },
});
const port = (label: string, child: Sketch): Sketch => ({
  kind: 'port',
  label,
  settings: { generation: 4, lanes: 16 },
  acs: 'off',
  children: [child],
});

/** A switch with two drives and a GPU, a drive and a disk at root ports. */
function server(settings: { drive?: Sketch['settings']; cores?: number } = {}): Machine {
  return sketchMachine([
    {
      kind: 'socket',
      label: 'cpu0',
      settings: { cpuVendor: 'amd', cpuFamily: 0x19, memoryBytesPerSecond: 460e9, cores: settings.cores ?? 32 },
      children: [
        {
          kind: 'root-port',
          label: 'rp0',
          settings: { generation: 4, lanes: 4 },
          acs: 'off',
          children: [
            {
              kind: 'switch',
              label: 'sw0',
              settings: { generation: 4, lanes: 16 },
              children: [
                port('p0', drive('ssd0')),
                port('p1', drive('ssd1')),
                port('p2', {
                  kind: 'gpu',
                  label: 'gpu0',
                  settings: { generation: 4, lanes: 16, driver: 'nvidia-open' },
                }),
              ],
            },
          ],
        },
        {
          kind: 'root-port',
          label: 'rp1',
          settings: { generation: 4, lanes: 4 },
          children: [drive('ssd2', settings.drive)],
        },
        {
          kind: 'root-port',
          label: 'rp2',
          settings: { generation: 3, lanes: 1 },
          children: [
            {
              kind: 'sata',
              label: 'sata0',
              settings: { generation: 3, lanes: 1, readIops: 98e3, readBytesPerSecond: 560e6, queueDepth: 32 },
            },
          ],
        },
        {
          kind: 'root-port',
          label: 'rp3',
          settings: { generation: 3, lanes: 1 },
          children: [
            {
              kind: 'sata',
              label: 'disk0',
              settings: {
                generation: 3,
                lanes: 1,
                readLatencySeconds: 4.16e-3,
                readBytesPerSecond: 285e6,
                capacityBytes: 20e12,
              },
            },
          ],
        },
      ],
    },
  ]);
}

interface JobText {
  readonly on: readonly string[];
  readonly to?: string;
  readonly from?: string;
  readonly start?: number;
  readonly after?: readonly string[];
  readonly settings?: OtherActivity['settings'];
}

function activity(machine: Machine, name: string, text: JobText): OtherActivity {
  const end = (label: string) => ({ component: idOf(machine, label), memory: label.startsWith('cpu') });
  return {
    kind: 'job',
    name,
    startSeconds: text.start ?? 0,
    ...(text.after === undefined ? {} : { after: text.after }),
    on: text.on.map(end),
    from: text.from === undefined ? [] : [end(text.from)],
    to: text.to === undefined ? [] : [end(text.to)],
    over: [],
    settings: { engine: 'io_uring', ...text.settings },
    children: [],
    origin,
  };
}

function run(
  machine: Machine,
  jobs: Readonly<Record<string, JobText>>,
  transfers: readonly Transfer[] = [],
  seed = 1,
): RunResult {
  const activities = Object.entries(jobs).map(([name, text]) => activity(machine, name, text));
  const scenario = { name: 'test', transfers, processes: [], activities, expectations: [], origin };
  const work: Work = { transfers: [], scenarios: [scenario], expectations: [] };
  const [result] = simulate(machine, work, { seed }).runs;
  if (result === undefined) throw new Error('nothing ran');
  return result;
}

function only(machine: Machine, text: JobText): JobResult {
  const [job] = run(machine, { job: text }).jobs ?? [];
  if (job === undefined) throw new Error('no job ran');
  return job;
}

const randread = { pattern: 'randread', blockBytes: 4096 };

describe('a job', () => {
  it('of one read at a time on TLC takes about 50 us', () => {
    const { latency, limitedBy } = only(server(), { on: ['ssd2'], settings: randread });
    expect(latency.p50).toBeGreaterThan(45e-6);
    expect(latency.p50).toBeLessThan(55e-6);
    expect(limitedBy).toContain('1 requests in flight');
  });

  it('at depth reaches the IOPS of the drive, and says that the media limits', () => {
    const job = only(server(), { on: ['ssd2'], settings: { ...randread, depth: 128, jobs: 4 } });
    expect(job.iops / 900e3).toBeCloseTo(1, 1);
    expect(job.limitedBy).toBe('cpu0.rp1.ssd2');
  });

  it('is limited by its link where that is slow', () => {
    const job = only(server({ drive: { generation: 1 } }), {
      on: ['ssd2'],
      settings: { pattern: 'read', blockBytes: 2 ** 17, depth: 32 },
    });
    expect(job.limitedBy).toBe('cpu0.rp1');
    expect(job.bytesPerSecond).toBeLessThan(1e9);
    expect(job.bytesPerSecond).toBeGreaterThan(0.75e9);
  });

  it('is limited by its core where the drive is faster', () => {
    const fast = server({ drive: { readIops: 5e6, readBytesPerSecond: 30e9, readLatencySeconds: 10e-6 } });
    const job = only(fast, { on: ['ssd2'], settings: { ...randread, depth: 64 } });
    expect(job.limitedBy).toMatch(/^core 0/);
    expect(job.iops * job.cpuSecondsPerOperation).toBeCloseTo(1, 1);
  });

  it('completes slower with one interrupt line than with a vector for each core', () => {
    const figures = (drive: Sketch['settings']) =>
      only(
        server({
          drive: { readIops: 5e6, readBytesPerSecond: 30e9, readLatencySeconds: 15e-6, generation: 5, ...drive },
        }),
        {
          on: ['ssd2'],
          settings: { ...randread, blockBytes: 512, depth: 32, jobs: 16 },
        },
      );
    const line = figures({ queuePairs: 128, msixVectors: 0 });
    const each = figures({ queuePairs: 128, msixVectors: 129 });
    expect(line.iops).toBeLessThan(0.6 * each.iops);
    expect(line.limitedBy).toBe('core 0 (interrupts)');
    expect(line.latency.mean).toBeGreaterThan(each.latency.mean);
  });

  it('on SATA keeps 32 in flight, on a disk seeks', () => {
    const sata = only(server(), { on: ['sata0'], settings: { ...randread, depth: 256 } });
    expect(sata.iops / 98e3).toBeCloseTo(1, 1);
    const disk = only(server(), { on: ['disk0'], settings: { ...randread } });
    expect(disk.latency.mean).toBeGreaterThan(10e-3);
    expect(disk.latency.mean).toBeLessThan(16e-3);
  });

  it('gives the same figures for the same seed, others for another', () => {
    const machine = server();
    const text = { on: ['ssd2'], settings: { ...randread, depth: 4 } };
    expect(run(machine, { job: text })).toEqual(run(machine, { job: text }));
    expect(run(machine, { job: text }, [], 2).jobs).not.toEqual(run(machine, { job: text }).jobs);
  });

  it('ends after its size or its time', () => {
    const sized = only(server(), {
      on: ['ssd2'],
      settings: { pattern: 'read', blockBytes: 2 ** 20, depth: 16, bytes: 2 ** 30 },
    });
    expect(sized.bytes / 2 ** 30).toBeCloseTo(1, 2);
    expect(sized.endSeconds).toBeCloseTo(2 ** 30 / sized.bytesPerSecond, 3);
    const timed = only(server(), { on: ['ssd2'], settings: { ...randread, depth: 64, jobs: 4, runtimeSeconds: 3600 } });
    expect(timed.endSeconds).toBeCloseTo(3600, 0);
    expect(timed.operations / 3600 / timed.iops).toBeCloseTo(1, 2);
  });

  it('is left out with a reason where it cannot run', () => {
    const machine = server();
    const left = (text: JobText) => run(machine, { job: text }).notSimulated.join();
    expect(left({ on: ['gpu0'] })).toContain('no drive');
    expect(left({ on: ['ssd0'], settings: { engine: 'rdma' } })).toContain('rdma');
    expect(left({ on: ['ssd0'], settings: { blockBytes: 100 } })).toContain('512 B');
    expect(left({ on: ['ssd0'], settings: { jobs: 1e9 } })).toContain('threads');
  });
});

describe('jobs and other traffic', () => {
  const sequential = { pattern: 'read', blockBytes: 2 ** 17, depth: 32, runtimeSeconds: 1 };
  const transfer = (machine: Machine, from: string): Transfer => ({
    name: 'other',
    from: { component: idOf(machine, from), memory: false },
    to: { component: idOf(machine, 'cpu0'), memory: true },
    bytes: 40e9,
    blockBytes: null,
    depth: null,
    via: 'auto',
    initiator: null,
    operation: null,
    startSeconds: 0,
    expectations: [],
    origin,
  });

  it('share the link that both pass', () => {
    const machine = server();
    const { jobs } = run(machine, {
      a: { on: ['ssd0'], settings: sequential },
      b: { on: ['ssd1'], settings: sequential },
    });
    const rates = (jobs ?? []).map((job) => job.bytesPerSecond);
    const alone = only(machine, { on: ['ssd0'], settings: sequential }).bytesPerSecond;
    expect(rates[0]).toBeLessThan(0.62 * alone);
    expect((rates[0] ?? 0) / (rates[1] ?? 1)).toBeCloseTo(1, 1);
    expect(jobs?.[0]?.limitedBy).toBe('cpu0.rp0');
  });

  it('wait for jobs and transfers that they are to come after', () => {
    const machine = server();
    const settings = { pattern: 'read', blockBytes: 2 ** 20, depth: 16, bytes: 2 ** 30 };
    const text = { on: ['ssd0'], settings };
    const { jobs, transfers } = run(
      machine,
      { a: text, b: { ...text, after: ['a'] }, c: { ...text, after: ['other', 'b'] } },
      [{ ...transfer(machine, 'ssd2'), bytes: 10e9 }],
    );
    const [a, b, c] = jobs ?? [];
    expect(b?.startSeconds).toBe(a?.endSeconds);
    expect(b?.bytesPerSecond).toBe(a?.bytesPerSecond);
    expect(c?.startSeconds).toBe(Math.max(b?.endSeconds ?? 0, transfers[0]?.endSeconds ?? 0));
    const circle = run(machine, { a: { ...text, after: ['b'] }, b: { ...text, after: ['a'] } });
    expect(circle.jobs).toBeUndefined();
    expect(circle.notSimulated.join()).toContain('waits for itself');
  });

  it('that poll have queues of their own beside those with interrupts', () => {
    const settings = { ...randread, runtimeSeconds: 5e-3, cores: '0' };
    const { jobs, counters } = run(server(), {
      polls: { on: ['ssd2'], settings: { ...settings, polling: true } },
      waits: { on: ['ssd2'], settings },
    });
    const [polls, waits] = jobs ?? [];
    expect(polls?.interruptSecondsPerOperation).toBe(0);
    expect(waits?.interruptSecondsPerOperation).toBeGreaterThan(1e-6);
    const interrupts = (counters ?? [])
      .filter((one) => one.counter === 'nvme2q1')
      .reduce((sum, one) => sum + one.value, 0);
    expect(interrupts / (waits?.operations ?? 1)).toBeCloseTo(1, 0);
  });

  it('slow each other down, in rate and in latency', () => {
    const machine = server();
    const text = { on: ['ssd0'], settings: sequential };
    const alone = run(machine, { a: text });
    const shared = run(machine, { a: text }, [transfer(machine, 'ssd1')]);
    const [before, after] = [alone.jobs?.[0], shared.jobs?.[0]];
    expect(after?.bytesPerSecond).toBeLessThan(0.62 * (before?.bytesPerSecond ?? 0));
    expect(after?.latency.mean).toBeGreaterThan(1.5 * (before?.latency.mean ?? 0));
    expect(after?.limitedBy).toBe('cpu0.rp0');
    const inFlight = (after?.latency.mean ?? 0) * (after?.iops ?? 0);
    expect(inFlight / 32).toBeCloseTo(1, 1);
  });

  it('into a GPU go peer to peer below one switch, and past the host', () => {
    const machine = server();
    const settings = { ...sequential, engine: 'cufile', blockBytes: 2 ** 20 };
    const direct = run(machine, { gds: { on: ['ssd0', 'ssd1'], to: 'gpu0', settings } });
    expect(direct.jobs?.[0]?.route).toBe('direct');
    expect(direct.jobs?.[0]?.bytesPerSecond).toBeGreaterThan(12e9);
    expect(direct.links.find((link) => link.name === 'cpu0.rp0')?.payloadBytes ?? 0).toBe(0);
    const gpu = machine.components[idOf(machine, 'gpu0')];
    const bar = { index: 1, kind: 'memory64' as const, prefetchable: true, bytes: 2 ** 24, resizable: null };
    const small = machine.components.map((one) => (one === gpu ? { ...one, bars: [bar] } : one));
    const narrow = run({ ...machine, components: small }, { gds: { on: ['ssd0'], to: 'gpu0', settings } });
    expect(narrow.jobs?.[0]?.route).toBe('host-memory');
    expect(narrow.assumptions.join()).toContain('BAR 1');
    const bounced = run(machine, { gds: { on: ['ssd0'], to: 'gpu0', settings: { ...settings, alignmentBytes: 512 } } });
    expect(bounced.jobs?.[0]?.route).toBe('host-memory');
    expect(bounced.jobs?.[0]?.cpuSecondsPerOperation).toBeGreaterThan(
      2 * (direct.jobs?.[0]?.cpuSecondsPerOperation ?? 0),
    );
  });
});

describe('jobs of the other socket', () => {
  const machine = (): Machine => {
    const socket = (label: string, child: Sketch): Sketch => ({
      kind: 'socket',
      label,
      settings: { cpuVendor: 'amd', cpuFamily: 0x19, cores: 8, memoryBytesPerSecond: 460e9 },
      children: [{ kind: 'root-port', label: `${label}rp`, settings: { generation: 4, lanes: 4 }, children: [child] }],
    });
    const made = sketchMachine([socket('cpu0', drive('ssd0')), socket('cpu1', drive('ssd1'))]);
    const connection = {
      id: 0,
      name: 'cpu0 <-> cpu1',
      from: idOf(made, 'cpu0'),
      to: idOf(made, 'cpu1'),
      technology: 'xgmi',
      part: null,
      links: 1,
      bytesPerSecond: 2e9,
      latencySeconds: 100e-9,
      origin,
    };
    return { ...made, connections: [connection] };
  };
  const settings = { pattern: 'read', blockBytes: 2 ** 17, depth: 32 };

  it('have their buffers there, so the data crosses the interconnect', () => {
    const far = only(machine(), { on: ['ssd0'], settings: { ...settings, cores: '8..9' } });
    expect(far.target).toBe('cpu1.memory');
    expect(far.limitedBy).toBe('cpu0 <-> cpu1');
    expect(far.bytesPerSecond / 2e9).toBeCloseTo(1, 1);
    const near = only(machine(), { on: ['ssd0'], settings });
    expect(near.target).toBe('cpu0.memory');
    expect(near.bytesPerSecond).toBeGreaterThan(2.5 * far.bytesPerSecond);
  });

  it('take the memory that numa names', () => {
    expect(only(machine(), { on: ['ssd0'], settings: { ...settings, numaNode: 1 } }).target).toBe('cpu1.memory');
  });
});

describe('counters', () => {
  it('of drives and of interrupts follow the operations, under the names of their tools', () => {
    const settings = { ...randread, depth: 8, bytes: 4096 * 5000 };
    const { counters, jobs } = run(server(), { job: { on: ['ssd2'], settings } });
    const value = (counter: string) => counters?.find((one) => one.counter === counter)?.value;
    expect(jobs?.[0]?.operations).toBe(5000);
    expect(value('Host Read Commands')).toBe(5000);
    expect(value('Host Write Commands')).toBe(0);
    expect(value('Data Units Read')).toBe(Math.round((5000 * 4096) / 512_000));
    const interrupts = (counters ?? []).filter((one) => one.tool === '/proc/interrupts');
    const all = interrupts.reduce((sum, one) => sum + one.value, 0);
    expect(all).toBeGreaterThan(500);
    expect(all).toBeLessThanOrEqual(5000);
  });
});
