import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLspci } from '../../formats/lspci/read.ts';
import { type ObservedFunction, UnreadableInput } from '../../formats/observed.ts';

const byAddress = (text: string) => new Map(readLspci(text).functions.map((one) => [one.address, one]));
const fixture = (name: string) => readFileSync(resolve(import.meta.dirname, 'fixtures', name), 'utf8');

/** A hexadecimal dump with some bytes set, as `-x…` prints it. */
function dump(size: number, set: Readonly<Record<number, readonly number[]>>): string {
  const bytes = new Uint8Array(size);
  for (const [offset, values] of Object.entries(set)) bytes.set(values, Number(offset));
  const lines: string[] = [];
  for (let at = 0; at < size; at += 16) {
    const digits = [...bytes.subarray(at, at + 16)].map((byte) => byte.toString(16).padStart(2, '0'));
    lines.push(`${at.toString(16).padStart(2, '0')}: ${digits.join(' ')}`);
  }
  return lines.join('\n');
}

describe('the line of a function', () => {
  const rows: readonly (readonly [string, string, Partial<ObservedFunction>])[] = [
    [
      'names',
      '00:1f.2 SATA controller: Intel Corporation 82801JI (ICH10 Family) SATA AHCI Controller (rev 02)',
      { address: '0000:00:1f.2', classCode: 0x010600, isInterfaceKnown: false, revision: 2 },
    ],
    [
      'names and numbers (-nn)',
      '3b:00.0 3D controller [0302]: NVIDIA Corporation GA100 [A100 PCIe 80GB] [10de:20b5] (rev a1)',
      { address: '0000:3b:00.0', classCode: 0x030200, vendorId: 0x10de, deviceId: 0x20b5, revision: 0xa1 },
    ],
    ['numbers (-n)', '3b:00.0 0302: 10de:20b5 (rev a1)', { classCode: 0x030200, vendorId: 0x10de, deviceId: 0x20b5 }],
    [
      'an interface',
      '01:00.0 Non-Volatile memory controller [0108]: Vendor Drive [1e0f:0001] (prog-if 02 [NVM Express])',
      { classCode: 0x010802, isInterfaceKnown: true },
    ],
    ['a domain (-D)', '0001:04:00.0 Bridge: Somebody Something', { address: '0001:04:00.0', classCode: 0x068000 }],
    ['a domain of VMD', '10000:e1:00.0 0108: 8086:0a54', { address: '10000:e1:00.0', vendorId: 0x8086 }],
    ['a way from the root (-PP)', '00:1c.0/02:00.0 0302: 10de:1d10', { address: '0000:02:00.0', deviceId: 0x1d10 }],
    [
      'quotes (-mm)',
      '00:1c.0 "PCI bridge [0604]" "Intel Corporation [8086]" "Port [9d10]" -rf1 -p00 "" ""',
      { classCode: 0x060400, isInterfaceKnown: true, vendorId: 0x8086, deviceId: 0x9d10, revision: 0xf1 },
    ],
    ['a class nobody knows', '00:02.0 Class [ff12]: Vendor Device', { address: '0000:00:02.0', classCode: 0xff1200 }],
  ];
  test.each(rows)('%s', (_name, line, expected) => {
    expect([...byAddress(line).values()][0]).toMatchObject(expected);
  });
});

describe('words (-vvv)', () => {
  const functions = byAddress(fixture('switch-server.lspci.txt'));
  const at = (address: string) => functions.get(`0000:${address}`);

  test('hierarchy by bus numbers', () => {
    expect(at('03:00.0')?.parent).toBe('0000:02:00.0');
    expect(at('02:00.0')?.parent).toBe('0000:01:00.0');
    expect(at('01:00.1')?.parent).toBe('0000:00:01.1');
    expect(at('00:01.1')?.parent).toBeNull();
    expect(at('80:00.0')?.parent).toBeUndefined(); // a root bus, or below a port that is not listed
  });
  test.each([
    ['00:00.0', 'conventional'],
    ['00:01.1', 'root-port'],
    ['01:00.0', 'upstream-port'],
    ['02:01.0', 'downstream-port'],
    ['05:00.0', 'endpoint'],
    ['07:00.0', 'pcie-to-pci-bridge'],
  ] as const)('%s is a %s', (address, role) => {
    expect(at(address)?.role ?? 'conventional').toBe(role);
  });
  test('links: capable and current, on both ends', () => {
    expect(at('00:01.1')?.link).toEqual({
      capable: { generation: 5, lanes: 16 },
      current: { generation: 4, lanes: 16 },
      targetGeneration: 5,
    });
    expect(at('06:00.0')?.link).toEqual({
      capable: { generation: 4, lanes: 4 },
      current: { generation: 3, lanes: 2 },
    });
  });
  test('access control: capability and control; absent where other extended capabilities are there', () => {
    expect(at('00:01.1')?.acs).toEqual({
      capability: ['SV', 'TB', 'RR', 'CR', 'UF', 'DT'],
      control: ['SV', 'RR', 'CR', 'UF'],
    });
    expect(at('00:03.1')?.acs?.control).toEqual([]);
    expect(at('03:00.0')?.acs).toBeNull();
    expect(at('04:00.0')?.acs).toBeUndefined();
  });
  test('BARs with sizes, the ROM, resizable ones', () => {
    expect(at('03:00.0')?.bars).toEqual([
      {
        index: 0,
        kind: 'memory32',
        prefetchable: false,
        bytes: 2 ** 24,
        address: 0xf0000000n,
        resizable: { minimumBytes: 2 ** 24, maximumBytes: 2 ** 24 },
      },
      {
        index: 1,
        kind: 'memory64',
        prefetchable: true,
        bytes: 2 ** 37,
        address: 0x12000000000n,
        resizable: { minimumBytes: 2 ** 26, maximumBytes: 2 ** 37 },
      },
      {
        index: 3,
        kind: 'memory64',
        prefetchable: true,
        bytes: 2 ** 25,
        address: 0x14000000000n,
        resizable: { minimumBytes: 2 ** 25, maximumBytes: 2 ** 25 },
      },
    ]);
    expect(at('05:00.0')?.bars?.find((bar) => bar.kind === 'rom')?.bytes).toBe(2 ** 20);
    expect(at('08:00.0')?.bars?.[1]).toMatchObject({ index: 2, kind: 'io', bytes: 128 });
  });
  test('transactions', () => {
    expect(at('03:00.0')).toMatchObject({
      maxPayloadSupportedBytes: 256,
      maxPayloadBytes: 256,
      maxReadRequestBytes: 512,
      relaxedOrdering: true,
      extendedTags: true,
      tenBitTags: true,
      readCompletionBoundaryBytes: 64,
      msixVectors: 6,
      ari: true,
      driver: 'nvidia',
      numaNode: 0,
      iommuGroup: 20,
      subsystemVendorId: 0x10de,
      subsystemDeviceId: 0x1533,
    });
    expect(at('00:01.1')).toMatchObject({ tenBitTags: false, atomics: true, hotplug: false });
    expect(at('00:03.1')?.hotplug).toBe(true);
  });
  test('virtual functions belong to their physical one, which learns the size of their BARs', () => {
    expect(at('05:00.0')?.sriov).toEqual({
      totalVfs: 8,
      enabledVfs: 2,
      vfOffset: 1,
      vfStride: 1,
      vfDeviceId: 0x101c,
      bars: [{ index: 0, kind: 'memory64', prefetchable: true, bytes: 2 ** 20, address: 0x16802000000n }],
    });
    expect(at('05:00.1')?.physicalFunction).toBe('0000:05:00.0');
    expect(at('05:00.2')?.physicalFunction).toBe('0000:05:00.0');
    expect(at('03:00.0')?.sriov?.enabledVfs).toBe(0);
  });
  test('windows of a bridge', () => {
    expect(at('00:01.1')?.windows).toEqual({
      io: null,
      memory: { start: 0xf0000000n, end: 0xf1ffffffn },
      prefetchable: { start: 0x10000000000n, end: 0x177ffffffffn },
    });
  });
  test('the same with spaces for tabs, quoted in a mail, and with Windows line ends', () => {
    const text = fixture('switch-server.lspci.txt');
    const plain = readLspci(text).functions;
    const variants = [
      text.replace(/\t/g, '        '),
      text.replace(/^/gm, '> '),
      text.replace(/\n/g, '\r\n'),
      text.replace(/^/gm, '    '),
    ];
    for (const variant of variants) expect(readLspci(variant).functions).toEqual(plain);
  });
});

describe('words of other versions and users', () => {
  test('`-v` prints BARs without numbers: they are counted, and a note says so', () => {
    const read = readLspci(
      [
        '01:00.0 3D controller: NVIDIA Corporation Something (rev a1)',
        '\tFlags: bus master, fast devsel, latency 0, IRQ 16, NUMA node 1, IOMMU group 7',
        '\tMemory at de000000 (32-bit, non-prefetchable) [size=16M]',
        '\tMemory at c0000000 (64-bit, prefetchable) [size=256M]',
        '\tMemory at d0000000 (64-bit, prefetchable) [size=32M]',
        '\tI/O ports at e000 [size=128]',
        '\tExpansion ROM at df000000 [disabled] [size=512K]',
        '\tCapabilities: <access denied>',
      ].join('\n'),
    );
    expect(read.functions[0]?.bars?.map((bar) => [bar.index, bar.kind])).toEqual([
      [0, 'memory32'],
      [1, 'memory64'],
      [3, 'memory64'],
      [5, 'io'],
      [6, 'rom'],
    ]);
    expect(read.functions[0]).toMatchObject({ numaNode: 1, iommuGroup: 7 });
    expect(read.functions[0]?.role).toBeUndefined();
    expect(read.functions[0]?.acs).toBeUndefined();
    expect(read.notes.map((note) => note.message).join('\n')).toMatch(/run lspci as root/);
    expect(read.notes.map((note) => note.message).join('\n')).toMatch(/counted/);
  });
  test('newer windows, unknown speeds, regions without an address', () => {
    const read = byAddress(
      [
        '00:1c.0 PCI bridge [0604]: Intel Corporation Port [8086:9d10] (prog-if 00 [Normal decode])',
        '\tBus: primary=00, secondary=02, subordinate=02, sec-latency=0',
        '\tI/O behind bridge: [disabled] [16-bit]',
        '\tMemory behind bridge: e8000000-e8ffffff [size=16M] [32-bit]',
        '\tPrefetchable memory behind bridge: [disabled] [64-bit]',
        '\tRegion 0: Memory at <unassigned> (64-bit, prefetchable) [disabled] [size=1M]',
        '\tCapabilities: [40] Express (v2) Root Port (Slot+), IntMsgNum 0',
        '\t\tLnkCap:\tPort #1, Speed 64GT/s, Width x16, ASPM not supported',
        '\t\tLnkSta:\tSpeed unknown, Width x0',
      ].join('\n'),
    ).get('0000:00:1c.0');
    expect(read).toMatchObject({
      role: 'root-port',
      link: { capable: { generation: 6, lanes: 16 }, current: {} },
      windows: { io: null, memory: { start: 0xe8000000n, end: 0xe8ffffffn }, prefetchable: null },
      bars: [{ index: 0, kind: 'memory64', address: null, bytes: 2 ** 20 }],
    });
  });
  test.each([
    ['ASPM Disabled; RCB 64 bytes', 'off'],
    ['ASPM L1 Enabled; RCB 64 bytes', 'l1'],
    ['ASPM L0s L1 Enabled; RCB 64 bytes', 'l0s-l1'],
  ])('power management: %s', (words, aspm) => {
    const text = `00:01.0 0604: 8086:0001\n\tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00\n\t\tLnkCtl:\t${words}`;
    expect(readLspci(text).functions[0]?.aspm).toBe(aspm);
  });
  test('retimers that are there, not those that could be', () => {
    const lines = (status: string) =>
      [
        '00:01.0 0604: 8086:0001',
        '\tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00',
        '\t\tLnkCap2: Supported Link Speeds: 2.5-32GT/s, Crosslink- Retimer+ 2Retimers+ DRS-',
        '\t\tLnkSta2: Current De-emphasis Level: -3.5dB, EqualizationComplete+ EqualizationPhase1+',
        `\t\t\t Retimer${status[0]} 2Retimers${status[1]} CrosslinkRes: unsupported`,
      ].join('\n');
    expect(['--', '+-', '++'].map((status) => readLspci(lines(status)).functions[0]?.retimers)).toEqual([0, 1, 2]);
  });
  test('a device that fell off the bus', () => {
    const read = readLspci(
      '41:00.0 3D controller: NVIDIA Corporation X (rev ff) (prog-if ff)\n\t!!! Unknown header type 7f\n',
    );
    expect(read.notes[0]).toMatchObject({ line: 1, subject: '0000:41:00.0' });
    expect(read.notes[0]?.message).toMatch(/does not answer/);
  });
  test('a listing cut down to the lines about links', () => {
    const read = byAddress(
      '01:00.0 3D controller: NVIDIA X\n\t\tLnkCap:\tPort #0, Speed 16GT/s, Width x16\n\t\tLnkSta:\tSpeed 8GT/s (downgraded), Width x8 (downgraded)',
    );
    expect(read.get('0000:01:00.0')?.link).toEqual({
      capable: { generation: 4, lanes: 16 },
      current: { generation: 3, lanes: 8 },
    });
  });
  test('records (-vmm and -vm)', () => {
    const text = [
      'Slot:\t3b:00.0\nClass:\t3D controller [0302]\nVendor:\tNVIDIA Corporation [10de]\nDevice:\tGA100 [20b5]',
      'SVendor:\tNVIDIA Corporation [10de]\nSDevice:\tDevice [1533]\nRev:\ta1\nDriver:\tnvidia\nNUMANode:\t1\nIOMMUGroup:\t9',
      '',
      'Device:\t3c:00.0\nClass:\tNon-Volatile memory controller\nVendor:\tSomebody\nDevice:\tDrive\nProgIf:\t02\n',
    ].join('\n');
    const read = byAddress(text);
    expect(read.get('0000:3b:00.0')).toMatchObject({
      classCode: 0x030200,
      vendorId: 0x10de,
      deviceId: 0x20b5,
      subsystemDeviceId: 0x1533,
      numaNode: 1,
      iommuGroup: 9,
      driver: 'nvidia',
      revision: 0xa1,
    });
    expect(read.get('0000:3c:00.0')).toMatchObject({ classCode: 0x010802, deviceName: 'Somebody Drive' });
  });
});

describe('registers (-x, -xxx, -xxxx)', () => {
  const endpoint = {
    0: [0xde, 0x10, 0xb5, 0x20, 0x06, 0x04, 0x10, 0x00, 0xa1, 0x00, 0x02, 0x03],
    16: [0x00, 0x00, 0x00, 0xf0, 0x0c, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00],
    44: [0xde, 0x10, 0x33, 0x15],
    52: [0x40],
    // PCI Express v2 endpoint: payload 512 B, Gen4 x16, running at Gen1 x8; then MSI-X with 6 vectors.
    64: [0x10, 0x60, 0x02, 0x00, 0x02, 0x00, 0x00, 0x00, 0x37, 0x29, 0x00, 0x00, 0x04, 0x01, 0x00, 0x00],
    80: [0x08, 0x00, 0x81, 0x00],
    96: [0x11, 0x00, 0x05, 0x00],
  };
  test('the first 256 bytes: header, capabilities; nothing is said of access control', () => {
    const [read] = readLspci(`3b:00.0 3D controller: NVIDIA\n${dump(256, endpoint)}`).functions;
    expect(read).toMatchObject({
      role: 'endpoint',
      vendorId: 0x10de,
      deviceId: 0x20b5,
      classCode: 0x030200,
      isInterfaceKnown: true,
      revision: 0xa1,
      subsystemVendorId: 0x10de,
      subsystemDeviceId: 0x1533,
      link: { capable: { generation: 4, lanes: 16 }, current: { generation: 1, lanes: 8 } },
      maxPayloadSupportedBytes: 512,
      maxPayloadBytes: 256,
      maxReadRequestBytes: 512,
      readCompletionBoundaryBytes: 128,
      relaxedOrdering: true,
      extendedTags: true,
      msixVectors: 6,
    });
    expect(read?.bars).toEqual([
      { index: 0, kind: 'memory32', prefetchable: false, address: 0xf0000000n },
      { index: 1, kind: 'memory64', prefetchable: true, address: 0x1000000000n },
    ]);
    expect(read?.acs).toBeUndefined();
  });
  test('all 4096 bytes: access control, SR-IOV, ATS, ARI, resizable BARs', () => {
    const [read] = readLspci(
      `3b:00.0 3D controller: NVIDIA\n${dump(4096, {
        ...endpoint,
        256: [0x0d, 0x00, 0x01, 0x14, 0x1f, 0x00, 0x1d, 0x00],
        320: [
          0x10, 0x00, 0x01, 0x18, 0, 0, 0, 0, 0x01, 0x00, 0, 0, 8, 0, 8, 0, 4, 0, 0, 0, 0x04, 0, 0x01, 0, 0, 0, 0x1c,
          0x10,
        ],
        384: [0x0f, 0x00, 0x01, 0x1a, 0, 0, 0x00, 0x80],
        416: [0x0e, 0x00, 0x01, 0x1c],
        448: [0x15, 0x00, 0x01, 0x00, 0x00, 0xf0, 0x03, 0x00, 0x21, 0x0d, 0x00, 0x00],
      })}`,
    ).functions;
    expect(read?.acs).toEqual({ capability: ['SV', 'TB', 'RR', 'CR', 'UF'], control: ['SV', 'RR', 'CR', 'UF'] });
    expect(read?.sriov).toMatchObject({ totalVfs: 8, enabledVfs: 4, vfOffset: 4, vfStride: 1, vfDeviceId: 0x101c });
    expect(read).toMatchObject({ ats: true, ari: true });
    expect(read?.bars?.[1]).toMatchObject({
      index: 1,
      bytes: 2 ** 33,
      resizable: { minimumBytes: 2 ** 28, maximumBytes: 2 ** 33 },
    });
  });
  test('an empty list of extended capabilities: no access control', () => {
    const [read] = readLspci(`3b:00.0 3D controller: NVIDIA\n${dump(4096, endpoint)}`).functions;
    expect(read?.acs).toBeNull();
  });
  test('the first 64 bytes of a bridge: bus numbers and windows; what port it is stays unknown', () => {
    const bridge = {
      0: [0x86, 0x80, 0x10, 0x9d, 0x07, 0x05, 0x10, 0x00, 0xf1, 0x00, 0x04, 0x06, 0x00, 0x00, 0x81],
      24: [0x00, 0x02, 0x05, 0x00, 0xf1, 0x01, 0x00, 0x00, 0x00, 0xe8, 0xf0, 0xe8, 0x01, 0x70, 0xf1, 0x81],
    };
    const [read] = readLspci(`00:1c.0 PCI bridge: Intel\n${dump(64, bridge)}`).functions;
    expect(read?.role).toBeUndefined();
    expect(read?.buses).toEqual({ primary: 0, secondary: 2, subordinate: 5 });
    expect(read?.windows).toEqual({
      io: null,
      memory: { start: 0xe8000000n, end: 0xe8ffffffn },
      prefetchable: { start: 0x70000000n, end: 0x81ffffffn },
    });
  });
  test('words beside the registers add what registers do not tell', () => {
    const text = [
      '3b:00.0 3D controller [0302]: NVIDIA Corporation GA100 [10de:20b5]',
      '\tRegion 0: Memory at f0000000 (32-bit, non-prefetchable) [size=16M]',
      '\tNUMA node: 1',
      dump(256, endpoint),
    ].join('\n');
    const [read] = readLspci(text).functions;
    expect(read?.numaNode).toBe(1);
    expect(read?.bars?.[0]).toEqual({
      index: 0,
      kind: 'memory32',
      prefetchable: false,
      bytes: 2 ** 24,
      address: 0xf0000000n,
    });
  });
  test('a list of capabilities that bites its tail ends', () => {
    const looped = { ...endpoint, 96: [0x11, 0x40, 0x05, 0x00] };
    expect(readLspci(`3b:00.0 X: Y\n${dump(256, looped)}`).functions[0]?.msixVectors).toBe(6);
  });
});

describe('trees (-t, -tv)', () => {
  const tree = [
    '-+-[0000:80]-+-00.0-[81]----00.0  Samsung Electronics Co Ltd NVMe SSD Controller PM9A1',
    ' |           \\-01.0-[82]--',
    ' \\-[0000:00]-+-00.0  Intel Corporation Device 0998',
    '             +-01.0-[01-05]----00.0-[02-05]--+-00.0-[03]----00.0  NVIDIA Corporation GA100 [A100 PCIe 80GB]',
    '             |                               +-01.0-[04]--+-00.0  Mellanox Technologies MT28908 Family [ConnectX-6]',
    '             |                               |            \\-00.1  Mellanox Technologies MT28908 Family [ConnectX-6]',
    '             |                               \\-02.0-[05]--',
    '             \\-1f.0  Intel Corporation LPC Controller',
  ].join('\n');
  test('who hangs below whom', () => {
    const functions = byAddress(tree);
    const parents = Object.fromEntries([...functions.values()].map((one) => [one.address, one.parent]));
    expect(parents).toEqual({
      '0000:80:00.0': null,
      '0000:81:00.0': '0000:80:00.0',
      '0000:80:01.0': null,
      '0000:00:00.0': null,
      '0000:00:01.0': null,
      '0000:01:00.0': '0000:00:01.0',
      '0000:02:00.0': '0000:01:00.0',
      '0000:03:00.0': '0000:02:00.0',
      '0000:02:01.0': '0000:01:00.0',
      '0000:04:00.0': '0000:02:01.0',
      '0000:04:00.1': '0000:02:01.0',
      '0000:02:02.0': '0000:01:00.0',
      '0000:00:1f.0': null,
    });
    expect(functions.get('0000:00:01.0')?.buses).toEqual({ primary: 0, secondary: 1, subordinate: 5 });
    expect(functions.get('0000:03:00.0')?.deviceName).toBe('NVIDIA Corporation GA100 [A100 PCIe 80GB]');
  });
  test('one root bus, without names, and with numbers', () => {
    const functions = byAddress('-[0000:00]-+-00.0  [8086:29c0]\n           \\-03.0-[01]----00.0  [1b36:0010]');
    expect(functions.get('0000:01:00.0')).toMatchObject({ parent: '0000:00:03.0', vendorId: 0x1b36, deviceId: 0x10 });
  });
  test('a tree whose first line was shifted when it was pasted', () => {
    const functions = byAddress(
      '  -[0000:00]-+-00.0  Root\n           +-01.1-[01]----00.0  Drive\n           \\-02.0  Other',
    );
    expect([...functions.values()].map((one) => [one.address, one.parent])).toEqual([
      ['0000:00:00.0', null],
      ['0000:00:01.1', null],
      ['0000:00:02.0', null],
      ['0000:01:00.0', '0000:00:01.1'],
    ]);
  });
  test('a line that goes on nowhere', () => {
    const read = readLspci('-[0000:00]---00.0\n                 \\-01.0');
    expect(read.notes[0]).toMatchObject({ line: 2 });
  });
  test('a tree beside a list: one machine', () => {
    const read = readLspci(`${tree}\n\n03:00.0 3D controller [0302]: NVIDIA Corporation GA100 [10de:20b5]\n`);
    expect(read.functions).toHaveLength(13);
    expect(read.functions.find((one) => one.address === '0000:03:00.0')).toMatchObject({
      parent: '0000:02:00.0',
      deviceId: 0x20b5,
    });
  });
});

describe('a list without bus numbers', () => {
  const list = (...lines: readonly string[]) => readLspci(lines.join('\n'));
  test('bridges are numbered depth first where that explains every bus', () => {
    const read = list(
      '00:00.0 0600: 8086:0001',
      '00:01.0 0604: 8086:0002',
      '00:02.0 0604: 8086:0002',
      '01:00.0 0604: 10b5:8747',
      '02:08.0 0604: 10b5:8747',
      '02:10.0 0604: 10b5:8747',
      '03:00.0 0302: 10de:20b5',
      '05:00.0 0108: 144d:a80a',
      '40:00.0 0600: 8086:0001',
      '40:01.0 0604: 8086:0002',
      '41:00.0 0200: 8086:1592',
    );
    expect(
      Object.fromEntries(read.functions.map((one) => [one.address.slice(5), one.parent?.slice(5) ?? null])),
    ).toEqual({
      '00:00.0': null,
      '00:01.0': null,
      '00:02.0': null,
      '01:00.0': '00:01.0',
      '02:08.0': '01:00.0',
      '02:10.0': '01:00.0',
      '03:00.0': '02:08.0',
      '05:00.0': '00:02.0',
      '40:00.0': null,
      '40:01.0': null,
      '41:00.0': '40:01.0',
    });
    expect(read.notes[0]?.message).toMatch(/taken to be numbered depth first/);
  });
  test('nothing is inferred where a bus is left over', () => {
    const read = list('00:00.0 0600: 8086:0001', '00:01.0 0604: 8086:0002', '0a:00.0 0302: 10de:20b5');
    expect(read.functions.every((one) => one.buses === undefined && one.parent === undefined)).toBe(true);
    expect(read.notes[0]?.message).toMatch(/every bus stands for itself/);
  });
});

describe('input that is not sound', () => {
  test.each(['', 'hello\nworld', '{"a": 1}', '\0\0\0\0'])('%j is nothing of lspci', (text) => {
    expect(() => readLspci(text)).toThrow(UnreadableInput);
  });
  test('bus numbers in a circle', () => {
    const bridge = (address: string, primary: string, secondary: string) =>
      `${address} PCI bridge [0604]: A B [8086:0001]\n\tBus: primary=${primary}, secondary=${secondary}, subordinate=ff, sec-latency=0`;
    const read = readLspci(
      `${bridge('01:00.0', '01', '02')}\n\n${bridge('02:00.0', '02', '01')}\n\n03:00.0 0302: 10de:20b5`,
    );
    expect(read.notes.map((note) => `${note.subject}: ${note.message}`)).toEqual([
      '0000:02:00.0: its bus numbers go in a circle: it stands on bus 02 and says that buses 01 to ff lie below it',
    ]);
    expect(read.functions.find((one) => one.address === '0000:02:00.0')?.parent).toBe('0000:01:00.0');
  });
  test('two bridges with one secondary bus', () => {
    const bridge = (address: string) =>
      `${address} PCI bridge [0604]: A B [8086:0001]\n\tBus: primary=00, secondary=01, subordinate=01`;
    const read = readLspci(`${bridge('00:01.0')}\n\n${bridge('00:02.0')}\n\n01:00.0 0302: 10de:20b5`);
    expect(read.notes).toEqual([
      { line: null, subject: '0000:00:02.0', message: 'bus 01 lies below 0000:00:01.0 already' },
    ]);
  });
  test('prompts and prose between the functions are counted, not read', () => {
    const read = readLspci('$ lspci -n\n00:00.0 0600: 8086:3405\n$ exit');
    expect(read.functions).toHaveLength(1);
    expect(read.notes).toEqual([
      { line: 1, subject: null, message: '2 lines that lspci does not print were left out' },
    ]);
  });
});
