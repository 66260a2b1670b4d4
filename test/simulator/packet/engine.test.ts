import { describe, expect, it } from 'vitest';
import { PacketEngine } from '../../../simulator/packet/engine.ts';
import {
  type Credits,
  completion,
  type Lane,
  type Movement,
  type Network,
  nonPosted,
  posted,
  type Stage,
  type Station,
} from '../../../simulator/packet/network.ts';

/** 1 ps a byte: sizes are times. */
const station = (more: Partial<Station> = {}): Station => ({ picosecondsPerByte: 1, ...more });
const stage = (of: number, more: Partial<Stage> = {}): Stage => ({
  station: of,
  factor: 1,
  overhead: 0,
  delay: 1000,
  creditDelay: 1000,
  ...more,
});
const writes = (stages: readonly Stage[], bytes: number, unitBytes = 100): Movement => ({
  data: { class: posted, stages, bytes, unitBytes },
});

/** When each movement ends, in picoseconds, all of them begun at time 0. */
function run(network: Network, seed = 1, starts: readonly number[] = []): { ends: number[]; engine: PacketEngine } {
  const engine = new PacketEngine(network, seed);
  network.movements.forEach((_, index) => {
    engine.start(index, starts[index] ?? 0);
  });
  const ends: number[] = network.movements.map(() => Number.POSITIVE_INFINITY);
  for (let ended = engine.run(1e6); ended !== -2; ended = engine.run(1e6)) if (ended >= 0) ends[ended] = engine.now;
  return { ends, engine };
}

describe('one stream of writes', () => {
  it.each([
    // The first TLP's way, then one service time for each that follows: stations pass TLPs on as they come.
    [1, 1, 1000 + 100],
    [1, 10, 1000 + 10 * 100],
    [4, 1, 4 * 1000 + 100],
    [4, 10, 4 * 1000 + 10 * 100],
  ])('over %i stations with %i TLPs takes %i ps', (hops, tlps, expected) => {
    const stations = Array.from({ length: hops }, () => station());
    const movements = [
      writes(
        stations.map((_, at) => stage(at)),
        tlps * 100,
      ),
    ];
    expect(run({ stations, movements, tags: [] }).ends).toEqual([expected]);
  });

  it.each([
    ['fast to slow', 1, 3, 1000 + 1000 + 300],
    // Sent in one piece: the fast link begins when it will not run dry.
    ['slow to fast', 3, 1, 1000 + 1000 + 300],
  ])('cuts through from %s', (_, first, second, expected) => {
    const stations = [station({ picosecondsPerByte: first }), station({ picosecondsPerByte: second })];
    const movements = [writes([stage(0), stage(1)], 100)];
    expect(run({ stations, movements, tags: [] }).ends).toEqual([expected]);
  });

  it('ends with a TLP of what is left', () => {
    const movements = [writes([stage(0, { overhead: 20 })], 250)];
    const { ends, engine } = run({ stations: [station()], movements, tags: [] });
    expect(ends).toEqual([120 + 120 + 70 + 1000]);
    expect(engine.sent[0]).toBe(3);
  });

  it('runs at the rate of its slowest station, whatever stands before and behind it', () => {
    const stations = [station(), station({ picosecondsPerByte: 4 }), station()];
    const movements = [writes([stage(0), stage(1), stage(2)], 1e6)];
    const { ends } = run({ stations, movements, tags: [] });
    expect(ends[0]).toBeGreaterThanOrEqual(4e6);
    expect(ends[0]).toBeLessThan(4e6 * 1.01);
  });
});

describe('credits', () => {
  const credits = (headers: number, data: number): [Credits, Credits, Credits] => {
    const one = { headers, data };
    return [one, one, one];
  };

  it.each([
    // A credit is away from the start of one TLP until its update is back: 1000 on, 100 in service, 1000 back.
    ['headers', credits(1, 1000), 2100],
    ['headers', credits(5, 1000), 2100 / 5],
    ['data: 7 units of 16 B for 100 B', credits(1000, 7), 2100],
    ['data', credits(1000, 14), 2100 / 2],
    ['nothing', credits(1000, 10_000), 100],
  ])('bound the rate by %s', (_, given, spacing) => {
    const stations = [station({ credits: given }), station()];
    const movements = [writes([stage(0), stage(1)], 100 * 2000)];
    const { ends } = run({ stations, movements, tags: [] });
    expect((ends[0] ?? 0) / 2000 / spacing).toBeCloseTo(1, 1);
  });

  it('of classes are apart: completions pass while posted writes wait', () => {
    const given: [Credits, Credits, Credits] = [
      { headers: 1, data: 1000 },
      { headers: 1000, data: 1000 },
      { headers: 1000, data: 10_000 },
    ];
    const stations = [station({ credits: given }), station()];
    const answers: Lane = { class: completion, stages: [stage(0), stage(1)], bytes: 100 * 2000, unitBytes: 100 };
    const movements = [writes([stage(0), stage(1)], 100 * 2000), { data: answers }];
    const { ends } = run({ stations, movements, tags: [] });
    expect(ends[1]).toBeLessThan((ends[0] ?? 0) / 10);
  });
});

describe('reads', () => {
  const read = (bytes: number, more: Partial<Movement> = {}): Movement => ({
    requests: { class: nonPosted, stages: [stage(0, { factor: 0, overhead: 20 })], bytes, unitBytes: 400 },
    data: { class: completion, stages: [stage(1)], bytes, unitBytes: 100 },
    ...more,
  });
  const stations = [station(), station()];

  it('bring a request out and its completions back', () => {
    const { ends, engine } = run({ stations, movements: [read(400)], tags: [] });
    expect(ends).toEqual([20 + 1000 + 400 + 1000]);
    expect([...engine.sent].toSorted((a, b) => a - b)).toEqual([1, 4]);
  });

  it.each([1, 2, 4])('are bound by %i tags a round trip', (tags) => {
    const { ends } = run({ stations, movements: [read(400 * 1000, { tags: 0 })], tags: [tags] });
    expect((ends[0] ?? 0) / 1000).toBeCloseTo((20 + 1000 + 400 + 1000) / tags, -1.5);
  });

  it('share the tags of one requester', () => {
    const movements = [read(400 * 1000, { tags: 0 }), read(400 * 1000, { tags: 0 })];
    const { ends } = run({ stations, movements, tags: [2] });
    for (const end of ends) expect(end / 1000 / 2420).toBeCloseTo(1, 1);
  });

  it('end with what is left', () => {
    const { engine } = run({ stations, movements: [read(950)], tags: [] });
    // Requests of 400, 400, 150; completions of 100 but for the last.
    expect([...engine.sent].toSorted((a, b) => a - b)).toEqual([3, 10]);
  });
});

describe('streams that meet', () => {
  it('share a station evenly, whatever the size of their TLPs', () => {
    const stations = [station(), station(), station()];
    const movements = [writes([stage(0), stage(2)], 1e6, 100), writes([stage(1), stage(2)], 1e6, 400)];
    const { ends } = run({ stations, movements, tags: [] });
    for (const end of ends) expect(end / 2e6).toBeCloseTo(1, 1);
  });

  it('leave to the others what one cannot use', () => {
    const stations = [station({ picosecondsPerByte: 10 }), station(), station()];
    const movements = [writes([stage(0), stage(2)], 1e5), writes([stage(1), stage(2)], 9e5)];
    const { ends } = run({ stations, movements, tags: [] });
    for (const end of ends) expect(end / 1e6).toBeCloseTo(1, 1);
  });

  it('pass each other where one is held up behind the station, but not in strict order', () => {
    const network = (order: number | undefined): Network => {
      const shared = order === undefined ? {} : { order };
      const stations = [station(), station(), station({ picosecondsPerByte: 10 }), station()];
      const movements = [
        writes([stage(0), stage(1, shared), stage(2)], 1e5),
        writes([stage(0), stage(1, shared), stage(3)], 1e5),
      ];
      return { stations, movements, tags: [] };
    };
    const free = run(network(undefined)).ends;
    const strict = run(network(0)).ends;
    expect(free[1]).toBeLessThan(3e5);
    expect(strict[1]).toBeGreaterThan(8e5);
    expect((strict[0] ?? 0) / (free[0] ?? 1)).toBeCloseTo(1, 1);
  });

  it('relay: the second sends no more than the first has brought, the first is ahead by no more than its buffers', () => {
    const stations = [station(), station({ picosecondsPerByte: 5 })];
    const movements = [
      { ...writes([stage(0)], 1e5), aheadBytes: 10_000 },
      { ...writes([stage(1)], 1e5), follows: 0 },
    ];
    const { ends } = run({ stations, movements, tags: [] });
    expect((ends[1] ?? 0) / 5e5).toBeCloseTo(1, 1);
    expect(ends[0]).toBeGreaterThan(4e5);
    expect(ends[0]).toBeLessThan(ends[1] ?? 0);
  });
});

describe('bit errors', () => {
  const network = (bitErrorRate: number): Network => ({
    stations: [station({ bitErrorRate, replayPicoseconds: 900 })],
    movements: [writes([stage(0)], 100 * 100_000)],
    tags: [],
  });

  it('cost a replay each, as often as the rate says', () => {
    const clean = run(network(0)).ends[0] ?? 0;
    const noisy = run(network(1e-5)).ends[0] ?? 0;
    // 800 bits a TLP: 0.8 % of them fail and cost 1000 ps on top of 100.
    expect((noisy - clean) / 100_000).toBeGreaterThan(7);
    expect((noisy - clean) / 100_000).toBeLessThan(9);
  });

  it('fall as the seed says', () => {
    expect(run(network(1e-5), 3).ends).toEqual(run(network(1e-5), 3).ends);
    expect(run(network(1e-5), 3).ends).not.toEqual(run(network(1e-5), 4).ends);
  });

  it('of every bit stop nothing for ever', () => {
    expect(run(network(1)).ends[0]).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});

describe('acknowledgements and updates', () => {
  it('take their part of the other direction, while it is busy', () => {
    const stations = [station({ reverse: 1, dllpBytes: 10 }), station({ reverse: 0, dllpBytes: 10 })];
    const one = run({ stations, movements: [writes([stage(0)], 1e6)], tags: [] }).ends;
    expect(one[0]).toBe(1e6 + 1000);
    const both = run({ stations, movements: [writes([stage(0)], 1e6), writes([stage(1)], 1e6)], tags: [] }).ends;
    for (const end of both) expect(end / 1.1e6).toBeCloseTo(1, 2);
  });
});

describe('a run', () => {
  it('stops at timers and goes on', () => {
    const engine = new PacketEngine({ stations: [station()], movements: [writes([stage(0)], 1000)], tags: [] });
    engine.start(0, 500);
    engine.setTimer(700);
    expect(engine.run(1e6)).toBe(-1);
    expect(engine.now).toBe(700);
    expect(engine.run(1)).toBe(-3);
    expect(engine.run(1e6)).toBe(0);
    expect(engine.now).toBe(500 + 1000 + 1000);
    expect(engine.run(1e6)).toBe(-2);
  });

  it('refuses lanes without stages and stations that are not there', () => {
    expect(() => new PacketEngine({ stations: [], movements: [writes([], 1)], tags: [] })).toThrow(RangeError);
    expect(() => new PacketEngine({ stations: [], movements: [writes([stage(3)], 1)], tags: [] })).toThrow(RangeError);
  });
});
