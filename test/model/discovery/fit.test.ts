import { describe, expect, it } from 'vitest';
import { changesThatFit } from '../../../model/discovery/fit.ts';
import { readText } from '../../formats/harness.ts';

/** A machine with windows of these sizes and devices below root ports of their own. */
async function changes(windows: readonly string[], devices: readonly string[], firmware = ''): Promise<string[]> {
  const ports = devices.map((device, index) => `root-port rp${index} gen4 x16 {\n${device}\n}`);
  const lines = [
    'machine m {',
    `firmware {\n${[firmware, ...windows.map((window) => `window ${window}`)].join('\n')}\n}`,
    `socket cpu0 {\n${ports.join('\n')}\n}`,
    '}',
  ];
  const { machine, errors } = await readText(lines.join('\n'));
  expect(errors.filter((error) => !error.includes('bar/'))).toEqual([]);
  if (machine === undefined) throw new Error('no machine');
  return changesThatFit(machine).map(({ sentence }) => sentence);
}

const gpu = (name: string, size: string, resizable = '') =>
  `gpu ${name} {\nbar 1 ${size} 64-bit prefetchable${resizable === '' ? '' : ` resizable 256 MiB..${resizable}`}\n}`;

describe('the smallest change that makes BARs fit', () => {
  const low = '1 GiB below 4g';

  it('is none where everything fits', async () => {
    expect(await changes([low, '64 GiB above 4g'], [gpu('a', '32 GiB')])).toEqual([]);
  });

  it('is the least window that discovery finds enough', async () => {
    // Two of 32 GiB in a window that begins at such a boundary.
    expect(await changes([low, '48 GiB above 4g'], [gpu('a', '32 GiB'), gpu('b', '32 GiB')])).toEqual([
      'a window of 64 GiB above 4 GiB instead of 48 GiB',
    ]);
  });

  it('is a smaller resizable BAR before a larger window', async () => {
    expect(await changes([low, '48 GiB above 4g'], [gpu('a', '32 GiB', '32 GiB'), gpu('b', '32 GiB')])).toEqual([
      '16 GiB for BAR 1 of cpu0.rp0.a',
      'a window of 64 GiB above 4 GiB instead of 48 GiB',
    ]);
  });

  it('is a setting of the firmware', async () => {
    const [first] = await changes([low, '64 GiB above 4g'], [gpu('a', '8 GiB')], 'above-4g off');
    expect(first).toBe('the firmware setting “Above 4G Decoding: enabled”');
    const resizable = await changes([low, '4 GiB above 4g'], [gpu('a', '256 MiB', '8 GiB')], 'resizable-bar on');
    expect(resizable[0]).toBe('the firmware setting “Resizable BAR: disabled”');
  });

  it('is fewer virtual functions, or to let them fail', async () => {
    const nic = [
      'nic n {\nbar 0 32 MiB 64-bit prefetchable',
      'sriov {\ntotal-vfs 64\nvf-offset 1\nvf-stride 1\nbar 0 1 GiB 64-bit prefetchable\n}\n}',
    ].join('\n');
    // 32 MiB for the function itself beside what its virtual functions have.
    expect(await changes([low, '32 GiB above 4g'], [nic])).toContain('31 virtual functions of cpu0.rp0.n');
  });

  it('is nothing where no single change suffices', async () => {
    const wide = 'gpu g {\nbar 0 2 GiB 32-bit\nbar 1 64 GiB 64-bit prefetchable\n}';
    expect(await changes(['256 MiB below 4g', '32 GiB above 4g'], [wide])).toEqual([]);
  });
});
