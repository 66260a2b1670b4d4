import { describe, expect, it } from 'vitest';
import type { Transfer } from '../../model/work.ts';
import { simulate } from '../../simulator/simulate.ts';
import { idOf, type Sketch, sketchMachine } from '../model/draft.ts';

const origin = { uri: 'test:work', offset: 0, end: 0 };
const gen5 = { generation: 5, lanes: 16 } as const;
const gpu = (index: number): Sketch => ({
  kind: 'port',
  label: `p${index}`,
  settings: gen5,
  acs: 'off',
  children: [{ kind: 'gpu', label: `gpu${index}`, settings: gen5 }],
});
const machine = sketchMachine([
  {
    kind: 'socket',
    label: 'cpu0',
    settings: { cpuVendor: 'amd', cpuFamily: 0x1a },
    children: [
      {
        kind: 'root-port',
        label: 'rp0',
        settings: gen5,
        acs: 'off',
        children: [{ kind: 'switch', label: 'sw0', settings: gen5, children: [0, 1, 2, 3].map(gpu) }],
      },
    ],
  },
]);

/** Bytes per second of all flows together, by the last that ends. */
function together(
  flows: readonly (readonly [number, number])[],
  fidelity: 'flow' | 'ideal' = 'flow',
  on = machine,
): number {
  const end = (index: number) => ({ component: idOf(on, `gpu${index}`), memory: false });
  const transfers = flows.map(
    ([from, to], index): Transfer => ({
      name: `t${index}`,
      from: end(from),
      to: end(to),
      bytes: 1e9,
      blockBytes: null,
      depth: null,
      via: 'auto',
      initiator: null,
      operation: null,
      startSeconds: 0,
      expectations: [],
      origin,
    }),
  );
  const scenario = { name: 's', transfers, processes: [], activities: [], expectations: [], origin };
  const [run] = simulate(on, { transfers: [], scenarios: [scenario], expectations: [] }, { fidelity }).runs;
  return (flows.length * 1e9) / (run?.makespanSeconds ?? 1);
}

const all = [0, 1, 2, 3].flatMap((from) => [0, 1, 2, 3].filter((to) => to !== from).map((to) => [from, to] as const));
const one = together([[0, 1]]);

describe('ports of a switch that send to several others', () => {
  it('that are busy carry less: all to all of four', () => {
    // Saturation of three ports: Karol, Hluchyj, Morgan (1987), table I.
    expect(Math.abs(together(all) / (4 * one) / 0.6825 - 1)).toBeLessThan(0.03);
  });

  it.each([
    [
      'pairs',
      [
        [0, 1],
        [2, 3],
      ],
      2,
    ],
    [
      'a ring',
      [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 0],
      ],
      4,
    ],
    [
      'one to all',
      [
        [0, 1],
        [0, 2],
        [0, 3],
      ],
      1,
    ],
    [
      'all to one',
      [
        [1, 0],
        [2, 0],
        [3, 0],
      ],
      1,
    ],
  ] as const)('lose nothing in %s', (_name, flows, ports) => {
    expect(together(flows) / one).toBeCloseTo(ports, 2);
  });

  it('lose nothing where only capacities count', () => {
    expect(together(all, 'ideal') / together([[0, 1]], 'ideal')).toBeCloseTo(4, 2);
  });
});

describe('a switch whose posted writes collapse', () => {
  const branch = (index: number, defect: boolean): Sketch => ({
    kind: 'root-port',
    label: `up${index}`,
    settings: gen5,
    acs: 'off',
    children: [
      {
        kind: 'switch',
        label: `chip${index}`,
        settings: { ...gen5, ...(defect ? { postedWriteCollapse: true } : {}) },
        children: [gpu(2 * index), gpu(2 * index + 1)],
      },
    ],
  });
  const rig = (defect: boolean) =>
    sketchMachine([
      {
        kind: 'socket',
        label: 'cpu0',
        settings: { cpuVendor: 'amd', cpuFamily: 0x1a },
        children: [0, 1, 2].map((index) => branch(index, defect)),
      },
    ]);

  it.each([
    [
      'to two root ports',
      true,
      [
        [0, 2],
        [1, 4],
      ],
      2.7e9,
    ],
    [
      'to one root port',
      true,
      [
        [0, 2],
        [1, 3],
      ],
      one,
    ],
    [
      'to two root ports, without the defect',
      false,
      [
        [0, 2],
        [1, 4],
      ],
      one,
    ],
  ] as const)('%s', (_name, defect, flows, expected) => {
    expect(together(flows, 'flow', rig(defect)) / expected).toBeCloseTo(1, 1);
  });
});
