import { describe, expect, it } from 'vitest';
import { AhciController } from '../../../simulator/devices/ahci.ts';
import { CommandTable, operations } from '../../../simulator/devices/command-table.ts';
import { Disk } from '../../../simulator/devices/disk.ts';
import { bringUp, grantQueues } from '../../../simulator/devices/nvme/admin.ts';
import { describeData } from '../../../simulator/devices/nvme/descriptors.ts';
import type { NvmeModel } from '../../../simulator/devices/nvme/model.ts';
import { QueuePair } from '../../../simulator/devices/nvme/queue-pair.ts';
import { Vectors } from '../../../simulator/devices/nvme/vectors.ts';
import { Zones, zoneStatus } from '../../../simulator/devices/nvme/zones.ts';
import { mapQueues } from '../../../simulator/drivers/block/queue-map.ts';
import { EventLoop } from '../../../simulator/events/event-loop.ts';
import { Histogram } from '../../../simulator/events/histogram.ts';
import { Random } from '../../../simulator/events/random.ts';
import { TurnServer } from '../../../simulator/events/turn-server.ts';
import { bench, flashDrive } from './setup.ts';

describe('event loop', () => {
  it('runs events by time, those of one time in the order asked for', () => {
    const loop = new EventLoop();
    const random = new Random(1);
    const seen: [number, number][] = [];
    const times = Array.from({ length: 5000 }, () => random.below(200));
    for (const [index, time] of times.entries()) loop.at(time, (subject) => seen.push([loop.now, subject]), index);
    loop.run();
    const wanted = times
      .map((time, index): [number, number] => [time, index])
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    expect(seen).toEqual(wanted);
    expect(loop.pending).toBe(0);
  });

  it('refuses an effect before its cause, and times that are no whole picoseconds', () => {
    const loop = new EventLoop();
    loop.at(10, () => expect(() => loop.at(9, () => {})).toThrow(RangeError));
    loop.run();
    expect(() => loop.at(10.5, () => {})).toThrow(RangeError);
    expect(() => loop.at(Number.NaN, () => {})).toThrow(RangeError);
  });

  it('ends when its caller says so', () => {
    const loop = new EventLoop();
    const again = () => loop.after(1, again);
    loop.at(0, again);
    expect(() => loop.run(Number.POSITIVE_INFINITY, () => true)).toThrow('');
    expect(loop.handled).toBeLessThan(20_000);
  });
});

describe('random numbers', () => {
  it('are the same for a seed on every machine', () => {
    const words = (seed: number) => {
      const random = new Random(seed);
      return [random.word(), random.word(), random.word()];
    };
    expect(words(1)).toEqual(words(1));
    expect(words(1)).not.toEqual(words(2));
  });

  it('have the mean and the spread asked for', () => {
    const random = new Random(7);
    const normal = Array.from({ length: 20_000 }, () => random.normal());
    const mean = normal.reduce((sum, value) => sum + value, 0) / normal.length;
    const variance = normal.reduce((sum, value) => sum + (value - mean) ** 2, 0) / normal.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
    const median = Array.from({ length: 9999 }, () => random.logNormal(5, 0.3)).sort((a, b) => a - b)[4999];
    expect(median).toBeCloseTo(5, 0);
  });
});

it('a histogram knows quantiles within one per cent, and the mean exactly', () => {
  const histogram = new Histogram();
  for (let value = 1; value <= 100_000; value++) histogram.add(value);
  for (const share of [0.5, 0.99, 0.999]) expect(histogram.quantile(share) / (share * 100_000)).toBeCloseTo(1, 2);
  expect(histogram.mean).toBe(50_000.5);
  expect(histogram.max).toBe(100_000);
});

it('classes of work take turns', () => {
  const loop = new EventLoop();
  const order: string[] = [];
  const server = new TurnServer(loop, [(at) => order.push(`a${at}`), (at) => order.push(`b${at}`)]);
  for (let index = 0; index < 3; index++) server.offer(0, index, 10);
  for (let index = 0; index < 3; index++) server.offer(1, index, 10);
  loop.run();
  expect(order).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
  expect(server.busy).toBe(60);
});

describe('queue pair', () => {
  it('holds one less than its entries, and turns its phase with every pass', () => {
    const queue = new QueuePair(1, 4, 1);
    for (let pass = 0; pass < 3; pass++) {
      for (let command = 0; command < 3; command++) queue.put(command);
      expect(queue.full).toBe(true);
      expect(() => queue.put(9)).toThrow(RangeError);
      for (let command = 0; command < 3; command++) queue.post(queue.fetch());
      for (let command = 0; command < 3; command++) expect(queue.take()).toBe(command);
      expect(queue.take()).toBe(-1);
    }
    expect(queue.completionTail).toBe(9 % 4);
    expect(queue.phase).toBe(1);
  });
});

describe('data pointers', () => {
  it.each([
    [4096, 'prp', 1, 0],
    [8192, 'prp', 2, 0],
    [12288, 'prp-list', 3, 1],
    [2 ** 20, 'prp-list', 256, 1],
    [513 * 4096, 'prp-list', 513, 1],
    [514 * 4096, 'prp-list', 514, 2],
    [8 * 2 ** 20, 'prp-list', 2048, 5],
  ] as const)('%i B by PRP: %s with %i entries, %i reads of lists', (bytes, kind, entries, listReads) => {
    expect(describeData(bytes, 4096, 1, false)).toMatchObject({ kind, entries, listReads });
  });

  it('need one entry more where the data begins within a page', () => {
    expect(describeData(8192, 4096, 1, false, 512)).toMatchObject({ kind: 'prp-list', entries: 3 });
  });

  it('use scatter-gather lists for large pieces, where the drive has them', () => {
    expect(describeData(2 ** 20, 4096, 1, true)).toMatchObject({ kind: 'sgl', entries: 1, listReads: 0 });
    expect(describeData(2 ** 20, 4096, 4, true)).toMatchObject({
      kind: 'sgl',
      entries: 4,
      listReads: 1,
      listBytes: 64,
    });
    expect(describeData(2 ** 20, 4096, 256, true).kind).toBe('prp-list');
  });
});

describe('zones', () => {
  const model = { zoneBytes: 16384, zones: 4, openZones: 2 };
  it('are written in order only', () => {
    const zones = new Zones(model);
    expect(zones.write(0, 4096)).toBe(0);
    expect(zones.write(4096, 4096)).toBe(0);
    expect(zones.write(0, 4096)).toBe(zoneStatus.invalidWrite);
    expect(zones.write(12288, 4096)).toBe(zoneStatus.invalidWrite);
    expect(zones.write(8192, 8192)).toBe(0);
    expect(zones.write(16383, 1)).toBe(zoneStatus.full);
    expect(zones.write(4 * 16384, 4096)).toBe(zoneStatus.boundaryError);
  });

  it('append without a place, open as many as they may, and are empty after a reset', () => {
    const zones = new Zones(model);
    expect(zones.append(0, 4096)).toBe(0);
    expect(zones.append(1, 4096)).toBe(0);
    expect(zones.append(2, 4096)).toBe(zoneStatus.tooManyOpen);
    expect(zones.append(0, 16384)).toBe(zoneStatus.boundaryError);
    zones.reset(1);
    expect(zones.written(1)).toBe(0);
    expect(zones.append(2, 4096)).toBe(0);
    expect(zones.mostOpen).toBe(2);
  });

  it('let appends go on at depth where writes wait for each other', () => {
    const zones = { zoneBytes: 2 ** 28, zones: 64, openZones: 14 };
    const job = { depth: 32, requests: 4000 };
    const written = bench({ zones, job: { ...job, pattern: 'write' } });
    const appended = bench({ zones, job: { ...job, pattern: 'append' } });
    expect(written.count.errors + appended.count.errors).toBe(0);
    expect(appended.iops).toBeGreaterThan(5 * written.iops);
  });

  it('refuse random writes, and more streams than may be open', () => {
    const zones = { zoneBytes: 2 ** 28, zones: 64, openZones: 4 };
    const random = bench({ zones, job: { pattern: 'randwrite', requests: 500 } });
    expect(random.count.errors).toBeGreaterThan(490);
    const streams = bench({ zones, threads: 8, job: { pattern: 'write', requests: 800 } });
    expect(streams.count.errors).toBe(400);
    expect(streams.drives[0]?.smart.errors).toBe(400);
  });

  it('are used again from their start when all are full', () => {
    const zones = { zoneBytes: 2 ** 20, zones: 4, openZones: 4 };
    const { count } = bench({ zones, job: { pattern: 'write', blockBytes: 65536, requests: 500 } });
    expect(count.errors).toBe(0);
    expect(count.bytes).toBe(500 * 65536);
  });
});

describe('bringing a drive up', () => {
  const wires = { doorbell: 300_000, hostRead: 700_000, hostWrite: 300_000 };
  const names = (drive: Partial<NvmeModel>, cores: number) =>
    bringUp({ ...flashDrive, ...drive }, cores, wires).commands.map((command) => command.name);

  it('asks for a queue a core, and makes what drive and vectors allow', () => {
    expect(grantQueues({ ...flashDrive, queuePairs: 16 }, 64)).toEqual({ asked: 64, granted: 16 });
    expect(grantQueues({ ...flashDrive, vectors: 9 }, 64)).toEqual({ asked: 64, granted: 8 });
    expect(grantQueues({ ...flashDrive, vectors: 1 }, 64)).toEqual({ asked: 64, granted: 1 });
    expect(names({}, 8).filter((name) => name.startsWith('Create I/O Submission'))).toHaveLength(8);
  });

  it('makes a completion queue before the submission queue that uses it, after asking for the number', () => {
    const all = names({}, 2);
    expect(all[0]).toBe('Identify Controller');
    expect(all.indexOf('Set Features, Number of Queues')).toBeLessThan(all.indexOf('Create I/O Completion Queue 1'));
    for (const queue of [1, 2]) {
      const completion = all.indexOf(`Create I/O Completion Queue ${queue}`);
      expect(all.indexOf(`Create I/O Submission Queue ${queue}`)).toBe(completion + 1);
    }
  });

  it('sets coalescing in units of 100 us, counted from 0', () => {
    const { commands } = bringUp({ ...flashDrive, coalesceThreshold: 10, coalesceSeconds: 200e-6 }, 1, wires);
    const set = commands.find((command) => command.name === 'Set Features, Interrupt Coalescing');
    expect(set?.dword11).toBe(0x0209);
  });

  it('takes a round of doorbell, fetch and completion for each command, with an interrupt each', () => {
    const { commands, seconds, records, interrupts } = bringUp(flashDrive, 4, wires);
    expect(seconds).toBeCloseTo(commands.length * 1.3e-6, 12);
    expect(records).toHaveLength(commands.length);
    expect(interrupts).toBe(commands.length);
  });
});

describe('interrupt coalescing', () => {
  it('waits for the number or the time, whichever comes first', () => {
    const loop = new EventLoop();
    const sent: number[] = [];
    const vectors = new Vectors(loop, 2, { threshold: 4, seconds: 1e-6 }, () => sent.push(loop.now));
    const completion = () => vectors.completion(1);
    for (const time of [0, 1, 2, 3, 10, 11]) loop.at(time, completion);
    loop.run();
    expect(sent).toEqual([3, 1_000_010]);
    expect(vectors.sent[1]).toBe(2);
  });
});

describe('queues and vectors', () => {
  it.each([
    [8, 128, 129, 8],
    [8, 4, 129, 4],
    [8, 128, 5, 4],
    [8, 128, 1, 1],
    [8, 128, 0, 1],
  ])('%i cores, %i queue pairs, %i vectors: %i queues', (cores, pairs, vectors, queues) => {
    const map = mapQueues(cores, pairs, vectors);
    expect(map.vectorOfQueue).toHaveLength(queues);
    expect(new Set(map.queueOfCore).size).toBe(queues);
    // The interrupt of a queue goes to a core that uses it.
    for (const [queue, vector] of map.vectorOfQueue.entries())
      expect(map.queueOfCore[map.coreOfVector[vector] ?? -1]).toBe(queue);
  });

  it('follow what is bound by hand', () => {
    expect(mapQueues(4, 4, 5, [2, 3]).coreOfVector.slice(1)).toEqual([2, 3, 2, 3]);
    expect(mapQueues(2, 2, 3, [1, 7]).coreOfVector).toEqual([1, 1, 1]);
    expect(mapQueues(2, 2, 3, [7])).toEqual(mapQueues(2, 2, 3));
  });
});

describe('a disk', () => {
  const model = { capacityBytes: 20e12, bytesPerSecond: 285e6, halfTurnSeconds: 4.16e-3 };
  const random = (depth: number) => {
    const loop = new EventLoop();
    const commands = new CommandTable();
    const draw = new Random(3);
    let done = 0;
    const issue = () => {
      const command = commands.take();
      commands.offset[command] = draw.below(1e6) * 20e6;
      commands.bytes[command] = 4096;
      commands.operation[command] = operations.read;
      disk.serve(command);
    };
    const disk = new Disk(loop, new Random(1), model, commands, (command) => {
      commands.release(command);
      if (++done < 2000) issue();
    });
    for (let index = 0; index < depth; index++) issue();
    loop.run();
    return done / (loop.now / 1e12);
  };

  it('does about 80 random reads a second one by one, and more where it can choose', () => {
    expect(random(1)).toBeGreaterThan(65);
    expect(random(1)).toBeLessThan(95);
    expect(random(32)).toBeGreaterThan(1.5 * random(1));
  });
});

it('AHCI has one queue of 32 and one interrupt', () => {
  const flash = {
    readBytesPerSecond: 560e6,
    writeBytesPerSecond: 530e6,
    readIops: 98e3,
    writeIops: 88e3,
    readSeconds: 77e-6,
    sequentialReadSeconds: 10e-6,
    writeSeconds: 28e-6,
    readSpread: 0,
  };
  const loop = new EventLoop();
  const events = { interrupt: () => {}, completionPosted: () => {} };
  const wires = { doorbell: 0, hostRead: 0, hostWrite: 0 };
  const common = { number: 0, loop, random: new Random(1), commands: new CommandTable(), wires, events, trace: null };
  const controller = new AhciController(
    { name: 'sata0', media: { kind: 'flash', flash } },
    { ...common, queueVectors: [0], entries: 1024, pageBytes: 4096 },
  );
  expect(controller.queues).toHaveLength(1);
  expect(controller.queues[0]?.entries).toBe(33);
});
