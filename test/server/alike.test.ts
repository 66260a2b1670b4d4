import { beforeAll, expect, test } from 'vitest';
import type { Machine } from '../../model/machine.ts';
import { behavesAlike } from '../../server/runs/alike.ts';
import { Harness } from './harness.ts';

const text = `machine m {
  linux {
    iommu passthrough
  }
  socket cpu0 {
    root-port rp0 gen4 x16 {
      switch sw0 {
        link gen4 x16
        port p[0..1] gen4 x16 {
          gpu gpu[0..1] : a100-pcie-80gb
        }
      }
    }
    root-port rp1 gen4 x4 {
      nvme ssd0 : pm9a3
    }
  }
}
`;

let harness: Harness;
beforeAll(async () => {
  harness = await new Harness().start();
}, 30_000);

async function machineOf(source: string): Promise<Machine> {
  const { document } = await harness.open(source);
  const [first] = harness.pcie.Elaborations.structures(document).machines;
  if (first === undefined) throw new Error('there is no machine');
  return first.machine;
}

test.each([
  ['what is the same', (from: string) => from],
  [
    'other names',
    (from: string) => from.replace('ssd0', 'boot').replace('sw0', 'fabric').replace('machine m', 'machine n'),
  ],
  ['another place in the text', (from: string) => `// moved\n\n${from}`],
])('%s is alike', async (_what, edit) => {
  expect(behavesAlike(await machineOf(text), await machineOf(edit(text)))).toBe(true);
});

test.each([
  ['a link', 'rp1 gen4 x4', 'rp1 gen4 x2'],
  ['a part', 'pm9a3', 'pm1733'],
  ['a setting of the kernel', 'iommu passthrough', 'iommu translate'],
  [
    'one device more',
    'nvme ssd0 : pm9a3',
    'nvme ssd0 : pm9a3\n    }\n    root-port rp2 gen4 x4 {\n      nvme ssd1 : pm9a3',
  ],
  ['a driver', ': a100-pcie-80gb', ': a100-pcie-80gb { driver nouveau }'],
])('%s makes a difference', async (_what, before, after) => {
  const edited = text.replace(before, after);
  expect(edited).not.toBe(text);
  expect(behavesAlike(await machineOf(text), await machineOf(edited))).toBe(false);
});

test('whatever a machine says of its components, links and kernel makes a difference, but for names and places', async () => {
  const machine = await machineOf(text);
  const words = /^(name|label|origin|nameOrigin|said|allows|assumptions|reasons|limitedAt)$/;
  const changed = Symbol('changed');
  for (const list of ['components', 'links'] as const) {
    for (const key of Object.keys(machine[list][0] ?? {})) {
      const other = machine[list].map((each, at) => (at === 0 ? { ...each, [key]: changed } : each));
      expect(behavesAlike(machine, { ...machine, [list]: other } as Machine), `${list}: ${key}`).toBe(words.test(key));
    }
  }
  for (const key of Object.keys(machine)) {
    expect(behavesAlike(machine, { ...machine, [key]: changed }), key).toBe(words.test(key));
  }
});
