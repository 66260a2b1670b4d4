import { describe, expect, it } from 'vitest';
import type { Machine } from '../../model/machine.ts';
import type { Transfer, Via, Work } from '../../model/work.ts';
import { simulate } from '../../simulator/simulate.ts';
import type { RunResult } from '../../simulator/simulate.types.ts';
import { idOf, type Sketch, sketchMachine } from '../model/draft.ts';

const origin = { uri: 'test:work', offset: 0, end: 0 };
const GB = 1e9;
const device = (kind: 'gpu' | 'nvme', label: string, settings: Sketch['settings']): Sketch => ({
  kind,
  label,
  settings,
});
const gpu = (label: string) => device('gpu', label, { generation: 5, lanes: 16 });
const port = (label: string, child: Sketch, acs: Sketch['acs']): Sketch => ({
  kind: 'port',
  label,
  settings: { generation: 5, lanes: 16 },
  acs: acs ?? 'off',
  children: [child],
});

/** Two switches with two GPUs each, and a drive below the first: the lecture's server with Gen5 links. */
function server(options: { acs?: Sketch['acs']; host?: Sketch['settings']; uplink?: 2 | 5 } = {}): Machine {
  const branch = (index: number, more: readonly Sketch[]): Sketch => ({
    kind: 'root-port',
    label: `rp${index}`,
    settings: {
      generation: 5,
      lanes: 16,
      ...(options.uplink === undefined ? {} : { forcedGeneration: options.uplink }),
    },
    acs: 'off',
    children: [
      {
        kind: 'switch',
        label: `sw${index}`,
        settings: { generation: 5, lanes: 16 },
        children: [
          port(`s${index}p0`, gpu(`gpu${2 * index}`), options.acs),
          port(`s${index}p1`, gpu(`gpu${2 * index + 1}`), options.acs),
          ...more,
        ],
      },
    ],
  });
  const drive = port(
    's0p2',
    device('nvme', 'ssd0', { generation: 4, lanes: 4, readBytesPerSecond: 6.5 * GB, readLatencySeconds: 80e-6 }),
    options.acs,
  );
  const settings = { cpuVendor: 'amd' as const, cpuFamily: 0x19, memoryBytesPerSecond: 460 * GB, ...options.host };
  return sketchMachine([{ kind: 'socket', label: 'cpu0', settings, children: [branch(0, [drive]), branch(1, [])] }]);
}

function run(machine: Machine, pairs: readonly (readonly [string, string, Via?])[]): RunResult {
  const end = (label: string) => ({ component: idOf(machine, label), memory: label.startsWith('cpu') });
  const transfers = pairs.map(
    ([from, to, via], index): Transfer => ({
      name: `t${index}`,
      from: end(from),
      to: end(to),
      bytes: 2 ** 30,
      blockBytes: null,
      depth: null,
      via: via ?? 'auto',
      initiator: null,
      operation: null,
      startSeconds: 0,
      expectations: [],
      origin,
    }),
  );
  const work: Work = {
    transfers: [],
    scenarios: [{ name: 's', transfers, processes: [], activities: [], expectations: [], origin }],
    expectations: [],
  };
  const [result] = simulate(machine, work).runs;
  if (result === undefined) throw new Error('no run');
  return result;
}

const rates = (result: RunResult) => result.transfers.map((transfer) => transfer.bytesPerSecond);
const total = (result: RunResult) => rates(result).reduce((sum, rate) => sum + rate, 0);

describe('what a path costs', () => {
  it('redirection halves a two-way pair below one uplink, and nothing else', () => {
    const pair = [
      ['gpu0', 'gpu1'],
      ['gpu1', 'gpu0'],
    ] as const;
    const across = [
      ['gpu0', 'gpu2'],
      ['gpu2', 'gpu0'],
    ] as const;
    const [plain, redirected] = [server(), server({ acs: ['RR', 'CR'] })];
    expect(total(run(redirected, pair)) / total(run(plain, pair))).toBeCloseTo(0.5, 2);
    expect(total(run(redirected, [['gpu0', 'gpu1']])) / total(run(plain, [['gpu0', 'gpu1']]))).toBeCloseTo(1, 2);
    expect(total(run(redirected, across))).toBeCloseTo(total(run(plain, across)), -6);
  });

  it('redirected peers share the uplink with traffic to memory', () => {
    const load = [
      ['gpu0', 'gpu1'],
      ['ssd0', 'cpu0'],
      ['gpu1', 'cpu0'],
    ] as const;
    const [plain, redirected] = [server(), server({ acs: ['RR', 'CR'] })];
    const peer = (machine: Machine) => rates(run(machine, load))[0] ?? 0;
    expect(peer(redirected) / peer(plain)).toBeLessThan(0.75);
  });

  it('a slow uplink leaves peers below one switch alone', () => {
    const [fast, slow] = [server(), server({ uplink: 2 })];
    expect(total(run(slow, [['gpu0', 'gpu1']]))).toBeCloseTo(total(run(fast, [['gpu0', 'gpu1']])), -6);
    expect(total(run(slow, [['gpu0', 'gpu2']])) / total(run(fast, [['gpu0', 'gpu2']]))).toBeLessThan(0.2);
  });

  it('two flows out of one port share it, two between different devices do not', () => {
    const machine = server();
    const alone = total(run(machine, [['gpu0', 'gpu1']]));
    const shared = rates(
      run(machine, [
        ['gpu0', 'gpu1'],
        ['gpu0', 'gpu2'],
      ]),
    );
    for (const rate of shared) expect(rate / alone).toBeCloseTo(0.5, 2);
    const apart = rates(
      run(machine, [
        ['gpu0', 'gpu1'],
        ['gpu2', 'gpu3'],
      ]),
    );
    for (const rate of apart) expect(rate / alone).toBeCloseTo(1, 2);
  });

  it('staged peers below one switch get 0.5 to 0.71 of staged peers below two', () => {
    const machine = server();
    const same = total(
      run(machine, [
        ['gpu0', 'gpu1', 'host'],
        ['gpu1', 'gpu0', 'host'],
      ]),
    );
    const across = total(
      run(machine, [
        ['gpu0', 'gpu2', 'host'],
        ['gpu2', 'gpu0', 'host'],
      ]),
    );
    expect(same / across).toBeGreaterThanOrEqual(0.49);
    expect(same / across).toBeLessThanOrEqual(0.72);
  });

  it('a drive reaches a GPU without touching memory; staged it touches memory twice and the uplink both ways, and takes longer', () => {
    const machine = server();
    const direct = run(machine, [['ssd0', 'gpu0']]);
    const staged = run(machine, [['ssd0', 'gpu0', 'host']]);
    const memory = (result: RunResult) =>
      result.resources.filter((one) => one.kind === 'memory').reduce((sum, one) => sum + one.bytes, 0);
    expect(memory(direct)).toBe(0);
    expect(memory(staged)).toBe(2 * 2 ** 30);
    const uplink = (result: RunResult) =>
      result.links.filter((link) => link.name === 'cpu0.rp0' && link.payloadBytes > 0).map((link) => link.direction);
    expect(uplink(direct)).toEqual([]);
    expect(uplink(staged).sort()).toEqual(['down', 'up']);
    expect(staged.makespanSeconds).toBeGreaterThan(direct.makespanSeconds);
    expect(staged.transfers[0]?.route).toBe('host-memory');
  });

  it('the same input gives the same result', () => {
    const load = [
      ['gpu0', 'gpu1'],
      ['ssd0', 'gpu0'],
      ['gpu2', 'cpu0'],
    ] as const;
    expect(run(server(), load)).toEqual(run(server(), load));
  });
});
