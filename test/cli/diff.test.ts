import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, pcie } from './pcie.ts';

const examples = resolve(import.meta.dirname, '../../examples');
const design = `machine design {
  linux { iommu passthrough }
  socket cpu0 {
    root-port rp0 gen4 x16 {
      switch sw0 {
        link gen4 x16
        port p[0..1] gen4 x16 { gpu gpu[0..1] : a100-pcie-80gb }
        port p2 gen4 x4 { nvme ssd0 : pm9a3 }
      }
    }
    root-port rp1 gen4 x16 { nic nic0 : connectx-6 }
    root-port rp2 gen4 x4
  }
}
`;

/** Each line: what was changed in the design, and every change that this must give. */
const cases: Readonly<Record<string, readonly [change: (text: string) => string, changes: readonly object[]]>> = {
  'nothing but names and order': [
    (text) =>
      text
        .replace('machine design', 'machine found')
        .replace('cpu0', 'socket0')
        .replaceAll('sw0', 'plx')
        .replace('nic0', 'mlx5_0'),
    [],
  ],
  'a link trained lower': [
    (text) => text.replace('nic nic0 : connectx-6', 'nic nic0 : connectx-6 { trained gen4 x8 }'),
    [{ kind: 'changed', subject: 'cpu0.rp1.nic0', property: 'link.width', before: 16, after: 8 }],
  ],
  'a device that idles at a lower speed': [
    (text) =>
      text.replace('gpu gpu[0..1] : a100-pcie-80gb', 'gpu gpu[0..1] : a100-pcie-80gb { trained gen1 x16 idle }'),
    [],
  ],
  'a drive that is gone': [
    (text) => text.replace('{ nvme ssd0 : pm9a3 }', ''),
    [{ kind: 'removed', subject: 'cpu0.rp0.sw0.p2.ssd0', property: null, before: 'pm9a3', after: null }],
  ],
  'a drive more': [
    (text) => text.replace('root-port rp2 gen4 x4', 'root-port rp2 gen4 x4 { nvme extra : samsung-990-pro }'),
    [{ kind: 'added', subject: 'cpu0.rp2.extra', property: null, before: null, after: 'samsung-990-pro' }],
  ],
  'a drive in another slot': [
    (text) => text.replace(' { nvme ssd0 : pm9a3 }', '').replace('rp2 gen4 x4', 'rp2 gen4 x4 { nvme ssd0 : pm9a3 }'),
    [
      {
        kind: 'moved',
        subject: 'cpu0.rp0.sw0.p2.ssd0',
        property: 'port',
        before: 'cpu0.rp0.sw0.p2',
        after: 'cpu0.rp2',
      },
    ],
  ],
  'ACS cleared': [
    (text) => text.replace('link gen4 x16\n', 'link gen4 x16\n        acs off\n'),
    [0, 1, 2].map((port) => ({ kind: 'changed', subject: `cpu0.rp0.sw0.p${port}`, property: 'acs', after: [] })),
  ],
  'the IOMMU in another mode': [
    (text) => text.replace('passthrough', 'translate'),
    [{ kind: 'changed', subject: 'design', property: 'iommu', before: 'passthrough', after: 'translate' }],
  ],
  'a BAR that shrank': [
    (text) =>
      text.replace('gpu[0..1] : a100-pcie-80gb', 'gpu[0..1] : a100-pcie-80gb { bar 1 256 MiB 64-bit prefetchable }'),
    [0, 1].map((gpu) => ({ subject: `cpu0.rp0.sw0.p${gpu}.gpu${gpu}`, property: 'bar1.bytes', after: 2 ** 28 })),
  ],
};

describe('pcie diff', () => {
  for (const [name, [change, expected]] of Object.entries(cases)) {
    it(name, async () => {
      const folder = folderWith({ 'a.pcie': design, 'b.pcie': change(design) });
      const { stdout, stderr, code } = await pcie(folder, 'diff', 'a.pcie', 'b.pcie', '--json');
      expect(stderr).toBe('');
      const { changes } = JSON.parse(stdout) as { changes: object[] };
      expect(changes).toHaveLength(expected.length);
      for (const one of expected) expect(changes).toContainEqual(expect.objectContaining(one));
      expect(code).toBe(0);
    });
  }

  it('says that an example is the same as itself', async () => {
    for (const name of readdirSync(examples).filter((file) => file.endsWith('.pcie') && file !== 'mistakes.pcie')) {
      const { stdout } = await pcie(examples, 'diff', name, name, '--json');
      expect(JSON.parse(stdout)).toEqual({ changes: [] });
    }
  });

  it('refuses what is not there', async () => {
    const folder = folderWith({ 'a.pcie': design });
    expect((await pcie(folder, 'diff', 'a.pcie', 'absent.txt')).code).toBe(2);
  });
});

describe('pcie check --against', () => {
  it('compares a fleet with its design, and fails where one differs', async () => {
    const folder = folderWith({
      'a.pcie': design,
      'same.pcie': design,
      'other.pcie': design.replace('pm9a3', 'pm1743'),
    });
    expect((await pcie(folder, 'check', '--against', 'a.pcie', 'same.pcie')).code).toBe(0);
    const { stdout, code } = await pcie(folder, 'check', '--against', 'a.pcie', 'same.pcie', 'other.pcie');
    expect(stdout).toMatch(/same\.pcie\s+as designed/);
    expect(stdout).toMatch(/other\.pcie\s+differs/);
    expect(code).toBe(1);
  });

  it('goes on after one that cannot be read', async () => {
    const folder = folderWith({ 'a.pcie': design, 'same.pcie': design });
    const { stdout, stderr, code } = await pcie(folder, 'check', '--against', 'a.pcie', 'absent', 'same.pcie');
    expect(stdout).toMatch(/same\.pcie\s+as designed/);
    expect(stderr).toMatch(
      /^absent:1:1: error: The file cannot be read: there is no such file\. \(input\/unreadable\)$/m,
    );
    expect(code).toBe(2);
  });
});

describe('pcie check --baseline', () => {
  it('records today, then reports only what is new', async () => {
    const folder = folderWith({ 'a.pcie': design.replace('gen4 x4', 'gen9 x4') });
    expect((await pcie(folder, 'check', 'a.pcie')).code).toBe(1);
    expect((await pcie(folder, 'check', '--baseline', 'known.json', 'a.pcie')).code).toBe(0);
    expect(existsSync(join(folder, 'known.json'))).toBe(true);
    expect((await pcie(folder, 'check', '--baseline', 'known.json', 'a.pcie')).code).toBe(0);
    const worse = folderWith({ 'a.pcie': design.replaceAll('gen4 x4', 'gen9 x4') });
    const { code, stdout } = await pcie(worse, 'check', '--baseline', join(folder, 'known.json'), 'a.pcie');
    expect(stdout.match(/link\/illegal-generation/g)).toHaveLength(1);
    expect(code).toBe(1);
  });

  it('says what is wrong with a file that is no baseline', async () => {
    const folder = folderWith({ 'a.pcie': design, 'known.json': '[]' });
    const { code, stderr } = await pcie(folder, 'check', '--baseline', 'known.json', 'a.pcie');
    expect(code).toBe(2);
    expect(stderr).toMatch(/this is no baseline/);
  });
});
