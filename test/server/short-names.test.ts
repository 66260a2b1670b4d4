import { expect, test } from 'vitest';
import { NameIndex } from '../../language/elaborate/names.ts';
import { shortNames } from '../../server/runs/short-names.ts';
import type { RunExplanation } from '../../simulator/explain/explain.types.ts';
import type { RunResult, SimulationResult } from '../../simulator/simulate.types.ts';

const names = ['cpu0', 'cpu0.rp0', 'cpu0.rp0.p0', 'cpu0.rp0.p0.gpu0', 'cpu0.rp1', 'cpu0.rp1.p0', 'cpu0.rp1.p0.ssd0'];
const index = new NameIndex('m', names, [0]);

const run: RunResult = {
  name: 'load',
  makespanSeconds: 1,
  transfers: [
    {
      name: 'load',
      from: 'cpu0.rp1.p0.ssd0',
      to: 'cpu0.memory',
      bytes: 1,
      startSeconds: 0,
      endSeconds: 1,
      bytesPerSecond: 1,
      firstByteSeconds: 0,
      route: 'direct',
      bottleneck: 'cpu0.rp1',
      phases: [{ startSeconds: 0, endSeconds: 1, bytesPerSecond: 1, limitedBy: 'cpu0 to cpu1', kind: 'interconnect' }],
      reasons: [{ code: 'a/b', message: '', at: 'cpu0.rp0.p0' }],
    },
  ],
  links: [{ name: 'cpu0.rp0.p0.gpu0', direction: 'up', payloadBytes: 1, wireBytes: 1, utilisation: 1 }],
  resources: [],
  expectations: [],
  operations: [],
  notSimulated: [],
  assumptions: [],
};
const result: SimulationResult = { seed: 1, fidelity: 'flow', runs: [run] };

const explanation: RunExplanation = {
  bottlenecks: [
    {
      limitedBy: 'cpu0.rp0.p0.gpu0 copy engine',
      kind: 'engine',
      seconds: 1,
      share: 1,
      copies: ['cpu0.memory -> cpu0.rp1.p0.ssd0'],
      copyCount: 1,
      next: null,
    },
  ],
  transfers: [],
  use: [],
  work: [],
  queues: [],
};

test('names of results are shortened as far as they stay unique', () => {
  expect(shortNames([{ result, explanations: [explanation] }], [index])).toEqual({
    'cpu0.rp1.p0.ssd0': 'ssd0',
    'cpu0.rp1': 'rp1',
    // `p0` alone would be two ports.
    'cpu0.rp0.p0': 'rp0.p0',
    'cpu0.rp0.p0.gpu0': 'gpu0',
    // Names among words.
    'cpu0.rp0.p0.gpu0 copy engine': 'gpu0 copy engine',
    'cpu0.memory -> cpu0.rp1.p0.ssd0': 'cpu0.memory -> ssd0',
  });
});
