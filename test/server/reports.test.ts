import { describe, expect, test } from 'vitest';
import { table } from '../../server/reports/table.ts';
import { parseReportUri, reportUri } from '../../server/reports/uri.ts';
import { Harness } from './harness.ts';

describe('report URIs', () => {
  test('carry their subject there and back', () => {
    for (const subject of [
      { kind: 'result', uri: 'file:///work/a%20b.pcie', name: 'load', ends: null },
      { kind: 'result', uri: 'file:///work/a.pcie', name: 'ssd0 -> gpu0 #2', ends: null },
      { kind: 'show', uri: 'vscode-vfs://github/x/y.pcie', name: null, ends: null },
      { kind: 'path', uri: 'file:///work/a.pcie', name: 'm', ends: ['gpu0', 'cpu0.memory'] },
    ] as const) {
      expect(parseReportUri(reportUri(subject.kind, subject.uri, subject.name, subject.ends))).toEqual(subject);
    }
  });

  test('end in a title for the tab', () => {
    expect(decodeURIComponent(reportUri('result', 'file:///a.pcie', 'load').split('?')[0] ?? '')).toMatch(
      /\/result load\.txt$/,
    );
  });

  test('of others are no reports', () => {
    for (const uri of [
      'file:///a.pcie',
      'pcie-report:/what/x.txt?{}',
      'pcie-report:/show/x.txt',
      'pcie-report:/show/x.txt?%7B%22uri%22%3A1%7D',
    ]) {
      expect(parseReportUri(uri), uri).toBeUndefined();
    }
  });
});

describe('tables', () => {
  test('align words to the left and numbers to the right', () => {
    expect(
      table(
        ['name', 'rate'],
        [
          ['a', '1.5 GB/s'],
          ['longer', '12 GB/s'],
        ],
      ),
    ).toBe('name        rate\n------  --------\na       1.5 GB/s\nlonger   12 GB/s');
  });
});

describe('the tree', () => {
  const text = `machine m {
  socket cpu0 {
    numa 0
    root-port rp0 gen5 x16 { switch sw0 { link gen5 x16
      port p0 gen5 x16 { acs off
        gpu gpu0 { link gen4 x16 } }
      port p1 gen4 x4
    } }
  }
  socket cpu1 { root-port rp1 gen3 x8 { nic nic0 { link gen3 x8 } } }
  connect cpu0 to cpu1 { technology upi
    links 3
    bandwidth 62.4 GB/s }
}`;

  test('shows every component under its parent, with its link', async () => {
    const harness = new Harness();
    const opened = await harness.open(text);
    const report = harness.shared.Operations.show({ uri: opened.uri, name: null });
    const shape = report.text
      .split('\n')
      .map((line) => line.replace(/\s{2}[\d.]+ GB\/s(?! each)/, '').replace(/ {2}ACS.*/, ''));
    expect(shape).toEqual([
      'm',
      '├─ cpu0  socket',
      '│  └─ rp0  root-port  Gen5 x16',
      '│     └─ sw0  switch',
      '│        ├─ p0  port  Gen4 x16  (limited by cpu0.rp0.sw0.p0.gpu0)',
      '│        │  └─ gpu0  gpu',
      '│        └─ p1  port  Gen4 x4',
      '└─ cpu1  socket',
      '   └─ rp1  root-port  Gen3 x8',
      '      └─ nic0  nic',
      'cpu0 <-> cpu1  upi x3  62.4 GB/s each way',
      '',
    ]);
  });

  test('is the same as data', async () => {
    const harness = new Harness();
    const opened = await harness.open(text);
    const { data } = harness.shared.Operations.show({ uri: opened.uri, name: 'm' });
    expect(data.nodes.find((node) => node.name === 'cpu0.rp0.sw0.p0.gpu0')).toMatchObject({
      kind: 'gpu',
      part: null,
      parent: 'cpu0.rp0.sw0.p0',
      link: { generation: 4, lanes: 16 },
      acs: null,
    });
    expect(data.nodes.find((node) => node.name === 'cpu0.rp0.sw0.p0')?.acs).toEqual([]);
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
  });

  test('of a machine that is not there is refused', async () => {
    const harness = new Harness();
    const opened = await harness.open(text);
    expect(() => harness.shared.Operations.show({ uri: opened.uri, name: 'other' })).toThrow(/no machine 'other'/);
  });
});

describe('paths and distances', () => {
  const text = `machine m {
  linux { iommu off }
  socket cpu0 { root-port rp0 gen4 x16 { switch sw0 { link gen4 x16
    acs off
    port p[0..1] gen4 x16 { gpu gpu[0..1] { link gen4 x16
      peer-to-peer on } }
  } } }
}`;

  test('a path says what it is, why, and what it passes', async () => {
    const harness = new Harness();
    const opened = await harness.open(text);
    const { text: report, data } = harness.shared.Operations.path({
      uri: opened.uri,
      name: 'm',
      from: 'gpu0',
      to: 'gpu1',
    });
    expect(data).toMatchObject({
      from: 'cpu0.rp0.sw0.p0.gpu0',
      to: 'cpu0.rp0.sw0.p1.gpu1',
      route: 'direct',
      class: 'PIX',
      mapping: 'bus-address',
    });
    expect(report).toMatch(/route direct, class PIX, mapping bus-address, distance \d/);
    expect(report).toMatch(/^cpu0\.rp0\.sw0 +switch/m);
    expect(harness.shared.Operations.path({ uri: opened.uri, name: null, from: 'cpu0', to: 'gpu1' }).data.from).toBe(
      'cpu0.memory',
    );
  });

  test('names that mean nothing or several things are refused', async () => {
    const harness = new Harness();
    const opened = await harness.open(`${text.slice(0, -1)} socket cpu1 { root-port rp0 gen3 x4 { nvme gpu0 } } }`);
    const path = (from: string) => () =>
      harness.shared.Operations.path({ uri: opened.uri, name: null, from, to: 'gpu1' });
    expect(path('nothing')).toThrow(/nothing called 'nothing'/);
    expect(path('gpu0')).toThrow(/the name of 2 things/);
  });

  test('the matrix has the form of nvidia-smi', async () => {
    const harness = new Harness();
    const opened = await harness.open(text);
    const { text: report } = harness.shared.Operations.matrix({ uri: opened.uri, name: null });
    expect(report).toBe('      gpu0  gpu1\n----  ----  ----\ngpu0  X     PIX\ngpu1  PIX   X\n');
  });
});

describe('groups', () => {
  const text = (iommu: string) => `machine m {
  linux { iommu ${iommu} }
  socket cpu0 {
    root-port rp0 gen4 x16 { gpu gpu0 { function 1 audio { class 0x040300 } } }
    root-port rp1 gen4 x4 { nvme ssd0 }
  }
}`;

  test('are listed by name, with the functions of a device', async () => {
    const harness = new Harness();
    const opened = await harness.open(text('translate'));
    const { text: report, data } = harness.shared.Operations.groups({ uri: opened.uri, name: 'm' });
    const names = data.groups.map((group) => group.devices.map((device) => device.name));
    expect(names.flat().sort()).toEqual([
      'cpu0.rp0',
      'cpu0.rp0.gpu0',
      'cpu0.rp0.gpu0.audio',
      'cpu0.rp1',
      'cpu0.rp1.ssd0',
    ]);
    expect(report).toMatch(/^group 0\n/);
    expect(report).toContain('cpu0.rp0.gpu0.audio');
  });

  test('are none where the IOMMU is off', async () => {
    const harness = new Harness();
    const opened = await harness.open(text('off'));
    const { text: report, data } = harness.shared.Operations.groups({ uri: opened.uri, name: 'm' });
    expect(data.groups).toEqual([]);
    expect(report).toBe('The IOMMU is off: the kernel makes no groups.\n');
  });
});
