import type { RunComparison, RunRecord } from '../../../server/protocol.ts';
import { compareRuns, type Side } from '../../../server/runs/comparison.ts';
import { variantName } from '../../../server/runs/variants.ts';
import type { LimitPhase, LinkUse, RunResult, TransferResult } from '../../../simulator/simulate.types.ts';

/** Records in the form in which the server sends them, to look at the view without a server. The figures are made up. */

const phase = (start: number, end: number, rate: number, limitedBy: string, kind: LimitPhase['kind']): LimitPhase => ({
  startSeconds: start,
  endSeconds: end,
  bytesPerSecond: rate,
  limitedBy,
  kind,
});

const link = (name: string, direction: 'up' | 'down', payloadBytes: number, utilisation: number): LinkUse => ({
  name,
  direction,
  payloadBytes,
  wireBytes: Math.round(payloadBytes / 0.92),
  utilisation,
});

const GiB = 2 ** 30;

const load: TransferResult = {
  name: 'load',
  from: 'cpu0.rp0.sw0.p2.ssd0',
  to: 'cpu0.rp0.sw0.p0.gpu0',
  bytes: 4 * GiB,
  startSeconds: 0,
  endSeconds: 0.6512,
  bytesPerSecond: 6.595e9,
  firstByteSeconds: 81.4e-6,
  route: 'direct',
  bottleneck: 'cpu0.rp0.sw0.p2.ssd0',
  phases: [phase(0, 81.4e-6, 0, 'ssd0', 'latency'), phase(81.4e-6, 0.6512, 6.596e9, 'ssd0', 'device')],
  reasons: [
    { code: 'route/same-switch', message: 'ssd0 and gpu0 hang below the same switch.', at: 'cpu0.rp0.sw0' },
    { code: 'acs/redirect-off', message: 'No port on the way redirects peer requests.', at: 'cpu0.rp0.sw0.p2' },
    { code: 'iommu/passthrough', message: 'The IOMMU passes addresses through.', at: null },
  ],
};

const run = (name: string, transfers: readonly TransferResult[], more: Partial<RunResult> = {}): RunResult => ({
  name,
  makespanSeconds: Math.max(0, ...transfers.map((transfer) => transfer.endSeconds)),
  transfers,
  links: [],
  resources: [],
  expectations: [],
  operations: [],
  notSimulated: [],
  assumptions: [],
  ...more,
});

/** The way through host memory comes first, as with the server. */
function comparisonOf([first, second]: readonly Side[]): RunComparison | null {
  return first === undefined || second === undefined ? null : compareRuns(second, first);
}

const record = (
  name: string | null,
  variants: readonly (readonly [RunRecord['variants'][number]['variant'], readonly RunResult[]])[],
  stale = false,
): RunRecord => ({
  id: 1,
  uri: 'file:///home/ada/machines/lecture.pcie',
  version: 12,
  name,
  options: { fidelity: 'flow', tax: 'measured', seed: 1 },
  variants: variants.map(([variant, runs]) => ({
    variant,
    label: variantName(variant),
    result: { seed: 1, fidelity: 'flow', runs },
    explanations: [],
  })),
  comparison: comparisonOf(variants.map(([variant, runs]) => ({ label: variantName(variant), runs }))),
  stale,
  fingerprint: '',
  report: 'pcie-report:/result/result%20load.txt',
  elapsedSeconds: 0.0042,
  shortNames: { 'cpu0.rp0.sw0.p2.ssd0': 'ssd0', 'cpu0.rp0.sw0.p0.gpu0': 'gpu0', 'cpu0.rp0': 'rp0', 'cpu0.rp1': 'rp1' },
});

const expectation = (text: string, passed: boolean, message: string) => ({
  text,
  passed,
  message,
  actual: 1,
  range: { uri: 'file:///home/ada/machines/lecture.pcie', offset: 900, end: 930 },
});

export const single = record('load', [
  [
    'written',
    [
      run('load', [load], {
        links: [
          link('cpu0.rp0.sw0.p2', 'up', 4 * GiB, 0.899),
          link('cpu0.rp0.sw0.p0', 'down', 4 * GiB, 0.225),
          link('cpu0.rp0.sw0.p2', 'down', 0, 0.004),
        ],
        expectations: [
          expectation('expect path direct', true, 'path is direct, expected direct.'),
          expectation('expect bandwidth >= 6 GB/s', true, 'bandwidth is 6.6 GB/s, expected >= 6 GB/s.'),
        ],
        assumptions: [
          'cpu0.rp0.sw0: 105 ns through a switch, because the text gives no latency.',
          'gpu0: 256 B of Max_Payload_Size, because the text gives none.',
        ],
      }),
    ],
  ],
]);

const step = (
  name: string,
  from: string,
  to: string,
  bytes: number,
  start: number,
  end: number,
  route: TransferResult['route'],
  bottleneck: string,
  phases: readonly LimitPhase[],
): TransferResult => ({
  ...load,
  name,
  from,
  to,
  bytes,
  startSeconds: start,
  endSeconds: end,
  bytesPerSecond: bytes / (end - start),
  firstByteSeconds: start + 2.4e-6,
  route,
  bottleneck,
  phases,
});

const stepRun = run(
  'step',
  [
    step('shard', 'ssd0', 'gpu0', GiB, 0, 0.1628, 'direct', 'ssd0', [phase(0, 0.1628, 6.595e9, 'ssd0', 'device')]),
    step('gradients', 'gpu2', 'nic0', 256 * 2 ** 20, 0, 0.0113, 'direct', 'nic0', [
      phase(0, 0.0113, 2.37e10, 'nic0', 'device'),
    ]),
    step('gpu0-gpu2', 'gpu0', 'gpu2', 2 * GiB, 0.01, 0.178, 'host-bridge', 'cpu0', [
      phase(0.01, 0.0113, 1.2e10, 'cpu0.rp1', 'link'),
      phase(0.0113, 0.12, 1.24e10, 'cpu0', 'root-complex'),
      phase(0.12, 0.178, 1.3e10, 'cpu0.rp1', 'link'),
    ]),
    step('staged', 'gpu1', 'gpu3', GiB, 0.02, 0.193, 'host-memory', 'cpu0.memory', [
      phase(0.02, 0.0201, 0, 'cpu0.rp0', 'latency'),
      phase(0.0201, 0.08, 5.2e9, 'cpu0.rp0', 'link'),
      phase(0.08, 0.193, 6.7e9, 'cpu0.memory', 'memory'),
    ]),
    step('socket-cross', 'gpu1', 'gpu9', 512 * 2 ** 20, 0.05, 0.09, 'host-bridge', 'cpu0 to cpu1', [
      phase(0.05, 0.09, 1.34e10, 'cpu0 to cpu1', 'interconnect'),
    ]),
    step('bitstream', 'cpu0.memory', 'fpga0', 64 * 2 ** 20, 0, 0.0094, 'direct', 'cpu0.rp2', [
      phase(0, 0.0094, 7.1e9, 'fpga0', 'tags'),
    ]),
  ],
  {
    links: [
      link('cpu0.rp0.sw0.p2', 'up', GiB, 0.81),
      link('cpu0.rp0', 'up', 3 * GiB, 0.97),
      link('cpu0.rp0', 'down', 0, 0.01),
      link('cpu0.rp1', 'down', 3 * GiB, 0.93),
      link('cpu0.rp1', 'up', 256 * 2 ** 20, 0.04),
      link('cpu0.rp1.sw1.p2', 'down', 256 * 2 ** 20, 0.055),
      link('cpu0.rp2', 'down', 64 * 2 ** 20, 0.046),
      ...Array.from({ length: 12 }, (_, index) => link(`cpu1.rp${index}`, 'down', GiB / 8, 0.03 - index / 1000)),
    ],
    resources: [
      { name: 'cpu0.memory', kind: 'memory', bytes: 2 * GiB, utilisation: 0.024 },
      { name: 'cpu0', kind: 'root-complex', bytes: 3 * GiB, utilisation: 0.66 },
      { name: 'cpu0 to cpu1', kind: 'interconnect', bytes: GiB / 2, utilisation: 0.21 },
    ],
    expectations: [
      expectation('expect makespan < 200 ms', true, 'makespan is 193 ms, expected < 200 ms.'),
      expectation(
        'expect bandwidth of staged >= 12 GB/s',
        false,
        'bandwidth of staged is 6.21 GB/s, expected >= 12 GB/s.',
      ),
      expectation('expect path of gpu0-gpu2 direct', false, 'path of gpu0-gpu2 is host-bridge, expected direct.'),
    ],
    operations: [
      ['s0', 'copy h2d 64 MiB', 0, 0.0026],
      ['s0', 'kernel', 0.0026, 0.12],
      ['s0', 'copy d2h 4 MiB', 0.12, 0.1203],
      ['s0', 'record done', 0.1203, 0.1203],
      ['s1', 'wait done', 0, 0.1203],
      ['s1', 'copy h2d 64 MiB', 0.1203, 0.1229],
    ].map(([stream, label, start, end]) => ({
      process: 'train',
      stream: String(stream),
      label: String(label),
      startSeconds: Number(start),
      endSeconds: Number(end),
    })),
    notSimulated: ['job randread: this engine does not simulate jobs.'],
    assumptions: Array.from({ length: 9 }, (_, index) => `gpu${index}: 2 copy engines, because the text gives none.`),
  },
);

export const scenario = record('step', [['written', [stepRun]]]);
export const stale = record('step', [['written', [stepRun]]], true);

const staged: TransferResult = {
  ...load,
  route: 'host-memory',
  endSeconds: 0.6524,
  bytesPerSecond: 6.58e9,
  firstByteSeconds: 214e-6,
};
const pair: TransferResult = {
  ...load,
  name: 'gpu-pair',
  from: 'gpu0',
  to: 'gpu1',
  bytesPerSecond: 2.51e10,
  endSeconds: 0.171,
  bottleneck: 'cpu0.rp0.sw0.p0',
};
export const comparison = record(null, [
  ['p2p', [run('load', [load]), run('gpu-pair', [pair])]],
  [
    'host',
    [
      run('load', [staged]),
      run('gpu-pair', [
        {
          ...pair,
          route: 'host-memory',
          bytesPerSecond: 1.19e10,
          endSeconds: 0.361,
          firstByteSeconds: 9.1e-6,
          bottleneck: 'cpu0.rp0',
        },
      ]),
    ],
  ],
]);

/** All work of a file: several runs, each by itself. */
export const all = record(null, [
  ['written', [...(single.variants[0]?.result.runs ?? []), run('gpu-pair', [pair]), { ...stepRun, name: 'step' }]],
]);

export const many = record('storm', [
  [
    'written',
    [
      run(
        'storm',
        Array.from({ length: 2000 }, (_, index) => ({ ...load, name: `t${index}`, startSeconds: index / 4000 })),
      ),
    ],
  ],
]);

export const records = { single, scenario, stale, comparison, all, many } as const;
export type RecordName = keyof typeof records;
