import { describe, expect, it } from 'vitest';
import { simulate } from '../../simulator/simulate.ts';
import type { Fidelity } from '../../simulator/simulate.types.ts';
import { elaborate } from '../accuracy/elaborate.ts';

interface Choice {
  readonly link?: string;
  readonly port?: string;
  readonly device?: string;
  readonly linux?: string;
  /** Lines of both transfers. */
  readonly transfer?: string;
}

/** A device that writes to memory and reads from it: by itself, so that the link or the device limits. */
const textOf = ({ link = 'gen3 x8', port = '', device = '', linux = 'iommu passthrough', transfer = '' }: Choice) =>
  `machine m {
  linux { ${linux} }
  socket cpu0 {
    memory 1 GiB at 900 GB/s
    root-port rp0 ${link} {
      ${port}
      fpga card {
        link ${link}
        ${device.includes('tags') ? '' : 'outstanding-reads 2048'}
        ${device}
      }
    }
  }
}
transfer written from card to cpu0 {
  size 16 MiB
  operation write
  ${transfer}
}
transfer fetched from cpu0 to card {
  size 16 MiB
  operation read
  ${transfer}
}
`;

async function secondsOf(choice: Choice, fidelity: Fidelity): Promise<readonly [write: number, read: number]> {
  const { machine, work } = await elaborate(textOf(choice));
  const [write, read] = simulate(machine, work, { fidelity }).runs.map(({ makespanSeconds }) => makespanSeconds);
  return [write ?? 0, read ?? 0];
}

/** How much longer writes and reads take: headers over payloads, rates, or what the text says; null: unlike before. */
const changes: readonly (readonly [what: string, before: Choice, after: Choice, write: number, read: number])[] = [
  ['Gen1 after Gen3', {}, { link: 'gen1 x8' }, 7.877 / 2, 7.877 / 2],
  ['Gen2 after Gen3', {}, { link: 'gen2 x8' }, 7.877 / 4, 7.877 / 4],
  // What DLLPs and ordered sets were measured to take differs: 5.5 % at Gen3, 2 % from Gen4 on.
  ['Gen4 after Gen3', {}, { link: 'gen4 x8' }, 0.945 / 0.98 / 2, 0.945 / 0.98 / 2],
  ['x1 after x8', {}, { link: 'gen3 x1' }, 8, 8],
  ['x32 after x8', {}, { link: 'gen3 x32' }, 1 / 4, 1 / 4],
  ['Gen7 after Gen6: flits both', { link: 'gen6 x4' }, { link: 'gen7 x4' }, 1 / 2, 1 / 2],
  // 128 B payloads: a digest or a prefix of 4 B, an address word less, beside 24 B of a write and 20 B of a completion.
  ['ECRC of the device', { device: 'mps 128 B' }, { device: 'mps 128 B\necrc on' }, 156 / 152, 1],
  ['ECRC of the root port', { device: 'mps 128 B' }, { device: 'mps 128 B', port: 'ecrc on' }, 1, 152 / 148],
  ['a prefix on requests', { device: 'mps 128 B' }, { device: 'mps 128 B\ntlp-prefixes 1' }, 156 / 152, 1],
  ['32-bit addresses', { device: 'mps 128 B' }, { device: 'mps 128 B\ndma-bits 32' }, 148 / 152, 1],
  [
    'MPS 256 after 128',
    { device: 'mps 128 B', port: 'mps 128 B' },
    {
      device: 'max-payload-supported 256 B\nmps 256 B',
      port: 'max-payload-supported 256 B\nmps 256 B',
    },
    280 / 256 / (152 / 128),
    276 / 256 / (148 / 128),
  ],
  // An error costs the TLP once more and a Nak; 152 B of 1e-6.
  ['bit errors', { device: 'mps 128 B' }, { device: 'mps 128 B\nbit-error-rate 1e-6' }, 1.026, 1.026],
  // Requests of 256 B that begin at 64, where a host does not answer line by line anyway: with a boundary of 128 B the first completion ends early, and there are two.
  [
    'the read completion boundary',
    {
      link: 'gen5 x1',
      device: 'max-payload-supported 256 B\nmps 256 B',
      port: 'max-payload-supported 256 B\nmps 256 B',
      transfer: 'block 256 B\ndepth 256\nalignment 64 B',
    },
    {
      link: 'gen5 x1',
      device: 'max-payload-supported 256 B\nmps 256 B',
      port: 'max-payload-supported 256 B\nmps 256 B\nrcb 128 B',
      transfer: 'block 256 B\ndepth 256\nalignment 64 B',
    },
    1,
    296 / 276,
  ],
  // Tags over the round trip: 32, 256, 768, 15,360 of them.
  [
    '8-bit tags after 5-bit ones',
    { link: 'gen7 x16', device: 'extended-tags off' },
    { link: 'gen7 x16', device: 'extended-tags on' },
    1,
    1 / 8,
  ],
  [
    '10-bit tags after 8-bit ones',
    { link: 'gen7 x16', device: 'extended-tags on\nmrrs 128 B' },
    { link: 'gen7 x16', device: 'ten-bit-tags on\nmrrs 128 B' },
    1,
    1 / 3,
  ],
];

describe.each(['flow', 'packet'] as const)('at fidelity %s', (fidelity) => {
  it.each(changes)('%s', async (_, before, after, write, read) => {
    const [first, second] = [await secondsOf(before, fidelity), await secondsOf(after, fidelity)];
    expect(second[0] / first[0] / write).toBeCloseTo(1, 1.7);
    expect(second[1] / first[1] / read).toBeCloseTo(1, 1.7);
  });

  it('14-bit tags are enough for any link, 10-bit ones are not', async () => {
    const of = (tags: string) => secondsOf({ link: 'gen7 x16', device: `${tags}\nmrrs 128 B` }, fidelity);
    const [[, ten], [, fourteen]] = [await of('ten-bit-tags on'), await of('fourteen-bit-tags on')];
    expect(fourteen).toBeLessThan(ten * 0.9);
  });
});
