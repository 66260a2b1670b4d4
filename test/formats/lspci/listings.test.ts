import { describe, expect, test } from 'vitest';
import { detectFormat } from '../../../formats/detect.ts';
import { readLspci } from '../../../formats/lspci/read.ts';
import { machineFrom } from '../../../formats/observed/machine.ts';
import { textReaders } from '../../../formats/text-readers.ts';
import { addressesOf } from '../harness.ts';

/** Listings as people paste them: a part of a machine, broken by mail, without indentation, with prompts around. */
const imported = (text: string) => machineFrom(readLspci(text), { name: 'm' });
const kindsOf = (text: string) => imported(text).machine.components.map(({ kind, name }) => `${kind} ${name}`);

const adapter = [
  '3b:00.0 Ethernet controller: Mellanox Technologies MT28908 Family [ConnectX-6]',
  '        Control: I/O- Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr+ Stepping- SERR+ FastB2B- DisINTx+',
  '        NUMA node: 1',
  '        Region 0: Memory at 9c000000 (64-bit, prefetchable) [size=32M]',
  '        Capabilities: [60] Express (v2) Endpoint, MSI 00',
  '                DevCap: MaxPayload 512 bytes, PhantFunc 0, Latency L0s unlimited, L1 unlimited',
  '                        ExtTag+ AttnBtn- AttnInd- PwrInd- RBE+ FLReset+ SlotPowerLimit 75.000W',
  '                DevCtl: CorrErr- NonFatalErr+ FatalErr+ UnsupReq-',
  '                        RlxdOrd+ ExtTag+ PhantFunc- AuxPwr- NoSnoop+ FLReset-',
  '                        MaxPayload 256 bytes, MaxReadReq 4096 bytes',
  '                LnkCap: Port #0, Speed 16GT/s, Width x16, ASPM not supported',
  '                LnkSta: Speed 8GT/s (downgraded), Width x8 (downgraded)',
  '        Kernel driver in use: mlx5_core',
];
const facts = (text: string) => {
  const [one] = readLspci(text).functions;
  const { link, maxPayloadBytes, maxReadRequestBytes, relaxedOrdering, driver, deviceName } = one ?? {};
  return { link, maxPayloadBytes, maxReadRequestBytes, relaxedOrdering, driver, deviceName };
};
const whole = facts(adapter.join('\n'));

describe('what happens to text on its way', () => {
  test('as it was printed', () => {
    expect(whole).toEqual({
      link: { capable: { generation: 4, lanes: 16 }, current: { generation: 3, lanes: 8 } },
      maxPayloadBytes: 256,
      maxReadRequestBytes: 4096,
      relaxedOrdering: true,
      driver: 'mlx5_core',
      deviceName: 'Mellanox Technologies MT28908 Family [ConnectX-6]',
    });
  });
  const broken = (columns: number) =>
    adapter
      .flatMap((line) => {
        const pieces: string[] = [];
        let rest = line;
        while (rest.length > columns && rest.lastIndexOf(' ', columns) > 30) {
          pieces.push(rest.slice(0, rest.lastIndexOf(' ', columns)));
          rest = rest.slice(rest.lastIndexOf(' ', columns) + 1);
        }
        return [...pieces, rest];
      })
      .join('\n');
  test.each([72, 78])('broken by a mail after %i columns', (columns) => {
    expect(facts(broken(columns))).toEqual(whole);
  });
  test('quoted in a mail, with prose around', () => {
    const quoted = broken(72).replaceAll(/^/gm, '> ');
    expect(facts(`Hello,\n\nthis is what it says:\n\n${quoted}\n\nWhy?\n`)).toEqual(whole);
  });
  test('without indentation', () => {
    expect(facts(adapter.map((line) => line.trim()).join('\n'))).toEqual(whole);
  });
  test('ends of lines as DOS writes them, prompts before and after', () => {
    expect(facts(['root@node:~# lspci -vvv', ...adapter, 'root@node:~# '].join('\r\n'))).toEqual(whole);
  });
  test('cut off anywhere, it is read as far as it goes', () => {
    const text = adapter.join('\n');
    for (let length = 80; length < text.length; length++) {
      const [socket, port, nic] = imported(text.slice(0, length)).machine.components.map(({ kind }) => kind);
      expect([socket, port, nic]).toEqual(['socket', 'root-port', 'nic']);
    }
  });
});

describe('a part of a machine', () => {
  test('devices without the bridges above them hang below ports, and keep their addresses', () => {
    const text =
      '17:00.0 0302: 10de:2330 (rev a1)\n65:00.0 0108: 144d:a80a\n65:00.1 0403: 10de:1aef\nca:00.0 0207: 15b3:1021';
    expect(kindsOf(text)).toEqual([
      'socket cpu0',
      'root-port cpu0.rp0',
      'gpu cpu0.rp0.gpu0',
      'root-port cpu0.rp1',
      'nvme cpu0.rp1.nvme0',
      'root-port cpu0.rp2',
      'nic cpu0.rp2.nic0',
    ]);
    expect(addressesOf(imported(text).machine)).toEqual(
      expect.arrayContaining(['0000:17:00.0', '0000:65:00.0', '0000:65:00.1', '0000:ca:00.0']),
    );
  });
  test('each NUMA node has a socket', () => {
    const gpu = (address: string, node: number) =>
      `${address} 3D controller [0302]: NVIDIA [10de:20b2]\n\tNUMA node: ${node}\n\tCapabilities: [60] Express (v2) Endpoint, MSI 00\n\t\tLnkSta:\tSpeed 16GT/s, Width x16`;
    const { machine } = imported([gpu('07:00.0', 0), gpu('0f:00.0', 0), gpu('87:00.0', 1)].join('\n\n'));
    expect(machine.components.map(({ name, settings }) => [name, settings.numaNode])).toEqual([
      ['cpu0', 0],
      ['cpu0.rp0', undefined],
      ['cpu0.rp0.gpu0', undefined],
      ['cpu0.rp1', undefined],
      ['cpu0.rp1.gpu1', undefined],
      ['cpu1', 1],
      ['cpu1.rp0', undefined],
      ['cpu1.rp0.gpu2', undefined],
    ]);
  });
  test('a switch whose buses are all listed is one', () => {
    const text = [
      '04:00.0 PCI bridge [0604]: PLX [10b5:8747]',
      '05:08.0 PCI bridge [0604]: PLX [10b5:8747]',
      '05:10.0 PCI bridge [0604]: PLX [10b5:8747]',
      '06:00.0 VGA compatible controller [0300]: NVIDIA [10de:1b06]',
      '07:00.0 VGA compatible controller [0300]: NVIDIA [10de:1b06]',
      '81:00.0 Infiniband controller [0207]: Mellanox [15b3:1013]',
    ].join('\n');
    expect(kindsOf(text)).toEqual([
      'socket cpu0',
      'root-port cpu0.rp0',
      'switch cpu0.rp0.sw0',
      'port cpu0.rp0.sw0.p0',
      'gpu cpu0.rp0.sw0.p0.gpu0',
      'port cpu0.rp0.sw0.p1',
      'gpu cpu0.rp0.sw0.p1.gpu1',
      'root-port cpu0.rp1',
      'nic cpu0.rp1.nic0',
    ]);
  });
});

describe('functions that say little', () => {
  test('one that does not answer keeps its class and says nothing of its interface', () => {
    const read = readLspci(
      '17:00.0 3D controller: NVIDIA Corporation GH100 (rev ff) (prog-if ff)\n\t!!! Unknown header type 7f\n',
    );
    expect(read.functions[0]).toMatchObject({ classCode: 0x030200, isInterfaceKnown: false });
    expect(read.functions[0]).not.toHaveProperty('revision');
    expect(read.notes.map(({ message }) => message)).toContain('it does not answer: its registers read all ones');
  });
  test.each([
    ['NVIDIA Corporation GV100GL [Tesla V100 SXM2 32GB]', 'gpu'],
    ['NVIDIA Corporation GH100 [H100 SXM5 80GB]', 'gpu'],
    ['NVIDIA Corporation GA102GL [RTX A6000]', 'gpu'],
    ['NVIDIA Corporation GA102 High Definition Audio Controller', 'device'],
    ['Advanced Micro Devices, Inc. [AMD/ATI] Vega 20 [Radeon Pro VII/Radeon Instinct MI50 32GB]', 'gpu'],
    ['Mellanox Technologies MT2910 Family [ConnectX-7]', 'nic'],
    ['Samsung Electronics Co Ltd NVMe SSD Controller PM9A1', 'nvme'],
    ['Intel Corporation Sky Lake-E VT-d', 'device'],
  ])('a tree says kinds by names: %s is a %s', (name, kind) => {
    const { machine } = imported(`-[0000:00]-+-01.0-[01]----00.0  ${name}\n           \\-1f.0  Other`);
    expect(machine.components.find((one) => one.name.startsWith('cpu0.rp0.'))?.kind).toBe(kind);
  });
  test('a bridge that decodes subtractively, and one below it, lead to conventional PCI', () => {
    const text = [
      '00:1e.0 PCI bridge [0604]: Intel [8086:244e] (prog-if 01 [Subtractive decode])\n\tBus: primary=00, secondary=01, subordinate=02',
      '01:04.0 PCI bridge [0604]: A [8086:0001] (prog-if 00 [Normal decode])\n\tBus: primary=01, secondary=02, subordinate=02',
      '02:05.0 Serial controller [0700]: B [8086:0002]',
    ].join('\n\n');
    expect(kindsOf(text)).toEqual([
      'socket cpu0',
      'bridge cpu0.br0',
      'bridge cpu0.br0.br0',
      'device cpu0.br0.br0.serial0',
    ]);
    expect(addressesOf(imported(text).machine)).toEqual(['0000:00:1e.0', '0000:01:04.0', '0000:02:05.0']);
  });
});

describe('several outputs in one file', () => {
  const gpus = ['17:00.0', '65:00.0'].map(
    (address) => `${address} 3D controller [0302]: NVIDIA Corporation GH100 [10de:2330]`,
  );
  const matrix = [
    '        GPU0    GPU1    CPU Affinity    NUMA Affinity',
    'GPU0     X      NV18    0-31    0',
    'GPU1    NV18     X      0-31    0',
  ];
  const bytes = (lines: readonly string[]) => new TextEncoder().encode(lines.join('\n'));
  test('lspci counts, whatever stands before it', () => {
    expect(detectFormat(bytes(['$ nvidia-smi topo -m', ...matrix, '', ...gpus]))).toBe('lspci');
    expect(detectFormat(bytes(['-device vfio-pci,host=17:00.0', ...gpus]))).toBe('lspci');
    expect(detectFormat(bytes(matrix))).toBe('nvidia-smi');
    expect(detectFormat(bytes(['-device e1000e,addr=00:05.0']))).toBe('qemu');
  });
  test('a matrix of nvidia-smi adds NVLink', () => {
    const read = textReaders.lspci(['$ lspci -nn', ...gpus, '', '$ nvidia-smi topo -m', ...matrix].join('\n'));
    expect(read.connections).toMatchObject([
      { from: '0000:17:00.0', to: '0000:65:00.0', technology: 'nvlink', links: 18 },
    ]);
  });
});

describe('a bridge that the listing lacks', () => {
  test('its bus hangs off the host bridge before it, where no number is left between', () => {
    const text = [
      '00:1c.0 PCI bridge [0604]: Intel Corporation Device [8086:a0bd]',
      '\tBus: primary=00, secondary=01, subordinate=01, sec-latency=0',
      '01:00.0 VGA compatible controller [0300]: NVIDIA Corporation Device [10de:2684]',
      '02:00.0 Ethernet controller [0200]: Intel Corporation Device [8086:15f3]',
    ].join('\n');
    const { machine, scope } = imported(text);
    expect(machine.components.filter(({ kind }) => kind === 'socket')).toHaveLength(1);
    expect(addressesOf(machine)).toEqual(expect.arrayContaining(['0000:00:1c.0', '0000:01:00.0', '0000:02:00.0']));
    expect(scope.places).toBe(false);
  });
});
