import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readLspci } from '../../formats/lspci/read.ts';
import { machineFrom } from '../../formats/observed/machine.ts';
import type { PartIndex } from '../../formats/observed/parts.ts';
import type { ObservedFunction, ObservedMachine } from '../../formats/observed.ts';
import { printMachine } from '../../language/print.ts';
import type { Machine } from '../../model/machine.ts';
import { addressesOf, catalogueParts, plain, readText } from './harness.ts';
import { observedMachine } from './observed-machine.ts';

let parts: PartIndex = [];
beforeAll(async () => {
  parts = await catalogueParts();
});

const made = (machine: ObservedMachine) => machineFrom(machine, { name: 'm', parts });
const component = (machine: Machine, label: string) => {
  const found = machine.components.find((one) => one.label === label || one.name === label);
  if (found === undefined) throw new Error(`no ${label} among ${machine.components.map((one) => one.name).join(', ')}`);
  return found;
};
const bridge = (
  address: string,
  parent: string | null,
  buses: readonly [number, number, number],
  more: Partial<ObservedFunction> = {},
): ObservedFunction => ({
  address,
  parent,
  classCode: 0x060400,
  buses: { primary: buses[0], secondary: buses[1], subordinate: buses[2] },
  ...more,
});

describe('a listing of a server with a switch', () => {
  const read = readLspci(readFileSync(resolve(import.meta.dirname, 'fixtures/switch-server.lspci.txt'), 'utf8'));
  const imported = () => machineFrom(read, { name: 'server', parts });

  test('components: kinds, names, places', () => {
    expect(imported().machine.components.map((one) => `${one.kind} ${one.name}`)).toEqual([
      'socket cpu0',
      'root-port cpu0.rp0',
      'switch cpu0.rp0.sw0',
      'port cpu0.rp0.sw0.p0',
      'gpu cpu0.rp0.sw0.p0.gpu0',
      'port cpu0.rp0.sw0.p1',
      'gpu cpu0.rp0.sw0.p1.gpu1',
      'port cpu0.rp0.sw0.p2',
      'nic cpu0.rp0.sw0.p2.nic0',
      'device cpu0.rp0.system0',
      'root-port cpu0.rp1',
      'nvme cpu0.rp1.nvme0',
      'root-port cpu0.rp2',
      'bridge cpu0.rp2.br0',
      'device cpu0.rp2.br0.vga0',
      'device cpu0.host-bridge0',
      'device cpu0.host-bridge1',
      'socket cpu1',
      'device cpu1.host-bridge2',
    ]);
  });
  test('parts of the catalogue by their IDs', () => {
    const { machine } = imported();
    expect(['gpu0', 'sw0', 'nic0', 'nvme0'].map((label) => component(machine, label).parts[0])).toEqual([
      'a100-pcie-80gb',
      'pex88000-series',
      'connectx-6-series',
      'samsung-pm9a1-series',
    ]);
    expect(component(machine, 'gpu0').settings.vramBytes).toBe(80 * 2 ** 30);
  });
  test('links: a resting GPU is no slow link; a drive that trained low is', () => {
    const { machine } = imported();
    const linkOf = (label: string) => machine.links[machine.linkAbove[component(machine, label).id] ?? -1];
    expect(component(machine, 'gpu0').settings).toMatchObject({
      trainedGeneration: 1,
      trainedLanes: 16,
      trainedIdle: true,
    });
    expect(linkOf('gpu0')?.trained).toEqual({ generation: 4, lanes: 16 });
    expect(linkOf('nvme0')).toMatchObject({ trained: { generation: 3, lanes: 2 }, limitedBy: 'stated' });
    expect(component(machine, 'nic0').settings.trainedGeneration).toBeUndefined();
    expect(linkOf('sw0')).toMatchObject({ trained: { generation: 4, lanes: 16 }, limitedBy: 'downstream' });
    expect(linkOf('system0')).toBe(linkOf('sw0'));
  });
  test('access control as observed, said once for a switch whose ports are alike', () => {
    const { machine } = imported();
    expect(component(machine, 'cpu0.rp0')).toMatchObject({
      acs: ['SV', 'RR', 'CR', 'UF'],
      acsCapability: ['SV', 'TB', 'RR', 'CR', 'UF', 'DT'],
    });
    expect(component(machine, 'cpu0.rp1').acs).toBe('off');
    expect(component(machine, 'cpu0.rp2').acs).toBe('default');
    expect(component(machine, 'sw0').acs).toEqual(['SV', 'RR', 'CR', 'UF']);
  });
  test('every function is where it was', () => {
    const physical = read.functions.filter((one) => one.physicalFunction === undefined).map((one) => one.address);
    expect(addressesOf(imported().machine)).toEqual(physical.sort());
  });
  test('NUMA nodes, and which component a function became', () => {
    const { machine, componentOf } = imported();
    expect(machine.components.filter((one) => one.kind === 'socket').map((one) => one.settings.numaNode)).toEqual([
      0, 1,
    ]);
    expect(componentOf.get('0000:05:00.2')).toBe(component(machine, 'nic0').id);
    expect(componentOf.get('node:1')).toBe(component(machine, 'cpu1').id);
  });
  test('the printed text has no errors, is formatted, and is the same machine', async () => {
    const { machine, descriptions } = imported();
    const text = printMachine(machine, { parts, descriptions });
    const again = await readText(text);
    expect(again.errors).toEqual([]);
    expect(again.formatted).toBe(text);
    expect(again.machine === undefined ? null : plain(again.machine)).toEqual(plain(machine));
  });
});

describe('what is not said stays unknown', () => {
  test('a bare tree: no link, no class, no access control is made up', () => {
    const { machine, notes } = made(readLspci('-[0000:00]---01.0-[01]----00.0  Somebody Something'));
    expect(machine.components.map((one) => [one.name, one.settings])).toEqual([
      ['cpu0', {}],
      ['cpu0.rp0', {}],
      ['cpu0.rp0.dev0', {}],
    ]);
    expect(machine.components.every((one) => one.acs === 'default')).toBe(true);
    expect(notes.map((note) => note.message).join()).toMatch(/told by their names/);
  });
  test('BARs without a size are left out, and counted', () => {
    const { machine, notes } = made(
      observedMachine([
        {
          address: '0000:00:02.0',
          parent: null,
          classCode: 0x0c0330,
          bars: [{ index: 0, kind: 'memory64', prefetchable: false }],
        },
      ]),
    );
    expect(machine.components[1]?.bars).toEqual([]);
    expect(notes.map((note) => note.message).join()).toMatch(/1 BARs are left out/);
  });
  test('a GPU by its name alone is one of the catalogue', () => {
    const { machine } = made(readLspci('-[0000:00]---01.0-[01]----00.0  NVIDIA Corporation GA100 [A100 SXM4 40GB]'));
    expect(component(machine, 'gpu0').parts[0]).toBe('a100-sxm-40gb');
  });
});

describe('kinds by class code', () => {
  const rows: readonly (readonly [string, number, number, string])[] = [
    ['a 3D controller', 0x030200, 0x10de, 'gpu gpu0'],
    ['a display of a management processor', 0x030000, 0x1a03, 'device vga0'],
    ['an accelerator of AMD', 0x120000, 0x1002, 'gpu gpu0'],
    ['an accelerator of somebody else', 0x120000, 0x1da3, 'device accelerator0'],
    ['NVM Express', 0x010802, 0x144d, 'nvme nvme0'],
    ['AHCI', 0x010601, 0x8086, 'sata sata0'],
    ['Ethernet', 0x020000, 0x8086, 'nic nic0'],
    ['InfiniBand', 0x020700, 0x15b3, 'nic nic0'],
    ['NVSwitch', 0x068000, 0x10de, 'nvswitch nvs0'],
    ['an FPGA', 0x120000, 0x10ee, 'fpga fpga0'],
    ['USB', 0x0c0330, 0x8086, 'device usb0'],
    ['something else', 0x118000, 0x8086, 'device signal0'],
    ['unassigned', 0xff0000, 0x1234, 'device dev0'],
  ];
  test.each(rows)('%s', (_name, classCode, vendorId, expected) => {
    const { machine } = made(
      observedMachine([
        bridge('0000:00:01.0', null, [0, 1, 1], { role: 'root-port' }),
        { address: '0000:01:00.0', parent: '0000:00:01.0', classCode, vendorId, deviceId: 0xfffe },
      ]),
    );
    const last = machine.components.at(-1);
    expect(`${last?.kind} ${last?.label}`).toBe(expected);
  });
});

test('the GPU inside a processor is not counted with those that are plugged in', () => {
  const { machine } = made(
    observedMachine([
      { address: '0000:00:02.0', parent: null, classCode: 0x030000, vendorId: 0x8086, deviceId: 0x4680 },
      bridge('0000:00:06.0', null, [0, 1, 1], { role: 'root-port' }),
      { address: '0000:01:00.0', parent: '0000:00:06.0', classCode: 0x030000, vendorId: 0x10de, deviceId: 0xfffe },
    ]),
  );
  expect(machine.components.filter((one) => one.kind === 'gpu').map((one) => one.label)).toEqual(['igpu0', 'gpu0']);
});

describe('bridges by role and by where they stand', () => {
  const endpoint = (address: string, parent: string): ObservedFunction => ({ address, parent, classCode: 0x020000 });
  test('without roles: a bridge over bridges is a switch, one over devices leads to conventional PCI', () => {
    const { machine } = made(
      observedMachine([
        bridge('0000:00:01.0', null, [0, 1, 4]),
        bridge('0000:01:00.0', '0000:00:01.0', [1, 2, 4]),
        bridge('0000:02:00.0', '0000:01:00.0', [2, 3, 3]),
        bridge('0000:02:01.0', '0000:01:00.0', [2, 4, 4]),
        endpoint('0000:03:00.0', '0000:02:00.0'),
        bridge('0000:00:02.0', null, [0, 5, 6]),
        bridge('0000:05:00.0', '0000:00:02.0', [5, 6, 6]),
        endpoint('0000:06:00.0', '0000:05:00.0'),
      ]),
    );
    expect(machine.components.map((one) => `${one.kind} ${one.name}`)).toEqual([
      'socket cpu0',
      'root-port cpu0.rp0',
      'switch cpu0.rp0.sw0',
      'port cpu0.rp0.sw0.p0',
      'nic cpu0.rp0.sw0.p0.nic0',
      'port cpu0.rp0.sw0.p1',
      'root-port cpu0.rp1',
      'bridge cpu0.rp1.br0',
      'nic cpu0.rp1.br0.nic1',
    ]);
  });
  test('a device on the bus inside a switch gets a port, and a note', () => {
    const { machine, notes } = made(
      observedMachine([
        bridge('0000:00:01.0', null, [0, 1, 3], { role: 'root-port' }),
        bridge('0000:01:00.0', '0000:00:01.0', [1, 2, 3], { role: 'upstream-port' }),
        bridge('0000:02:00.0', '0000:01:00.0', [2, 3, 3], { role: 'downstream-port' }),
        { address: '0000:02:1f.0', parent: '0000:01:00.0', classCode: 0x088000 },
      ]),
    );
    expect(machine.components.at(-1)?.name).toBe('cpu0.rp0.sw0.p1.system0');
    expect(notes.map((note) => `${note.subject}: ${note.message}`)).toEqual([
      '0000:02:1f.0: it stands on the bus inside a switch: drawn below a port of its own',
    ]);
  });
  test('an endpoint with a link on a root bus, as a virtual machine shows it, gets a port, and a note', () => {
    const { machine, notes } = made(
      observedMachine([
        {
          address: '0001:00:00.0',
          parent: null,
          role: 'endpoint',
          classCode: 0x030200,
          link: { capable: { generation: 5, lanes: 16 }, current: { generation: 5, lanes: 16 } },
        },
        { address: '0001:00:01.0', parent: null, role: 'conventional', classCode: 0x020000 },
      ]),
    );
    expect(machine.components.map((one) => one.name)).toEqual(['cpu0', 'cpu0.rp0', 'cpu0.rp0.gpu0', 'cpu0.nic0']);
    expect(machine.links[0]?.trained).toEqual({ generation: 5, lanes: 16 });
    expect(notes.map((note) => note.message).join()).toMatch(/no port that is shown/);
  });
  test('sources without ports: switches and devices get them', () => {
    const { machine } = made(
      observedMachine(
        [
          { address: '0000:54:00.0', parent: null, role: 'upstream-port', numaNode: 1 },
          { address: '0000:56:00.0', parent: '0000:54:00.0', classCode: 0x030200, names: ['gpu0'], numaNode: 1 },
          { address: '0000:58:00.0', parent: '0000:54:00.0', classCode: 0x020700, names: ['mlx5_0'], numaNode: 1 },
          { address: '0000:10:00.0', parent: null, classCode: 0x020000, numaNode: 0 },
        ],
        { formats: ['nccl'], nodes: [{ id: 0 }, { id: 1 }] },
      ),
    );
    expect(machine.components.map((one) => `${one.kind} ${one.name}`)).toEqual([
      'socket cpu0',
      'root-port cpu0.rp0',
      'nic cpu0.rp0.nic0',
      'socket cpu1',
      'root-port cpu1.rp0',
      'switch cpu1.rp0.sw0',
      'port cpu1.rp0.sw0.p0',
      'gpu cpu1.rp0.sw0.p0.gpu0',
      'port cpu1.rp0.sw0.p1',
      'nic cpu1.rp0.sw0.p1.mlx5_0',
    ]);
  });
});

describe('functions of one device', () => {
  test('those with facts of their own are components; the rest are functions of the first', async () => {
    const { machine } = made(
      observedMachine([
        bridge('0000:00:01.0', null, [0, 1, 1], { role: 'root-port' }),
        { address: '0000:01:00.0', parent: '0000:00:01.0', classCode: 0x020000, names: ['eth0'] },
        { address: '0000:01:00.1', parent: '0000:00:01.0', classCode: 0x020000, names: ['eth1'] },
        { address: '0000:01:00.2', parent: '0000:00:01.0', classCode: 0x0c0330, vendorId: 0x8086, deviceId: 1 },
      ]),
    );
    expect(machine.components.map((one) => one.name)).toEqual(['cpu0', 'cpu0.rp0', 'cpu0.rp0.eth0', 'cpu0.rp0.eth1']);
    expect(component(machine, 'eth0').functions).toEqual([
      { number: 2, label: 'usb', vendorId: 0x8086, deviceId: 1, classCode: 0x0c0330, bars: [] },
    ]);
    expect(component(machine, 'eth1').settings.functionNumber).toBe(1);
    expect(machine.linkAbove[component(machine, 'eth1').id]).toBe(machine.linkAbove[component(machine, 'eth0').id]);
    expect((await readText(printMachine(machine, { parts }))).errors).toEqual([]);
  });
});

describe('names, nodes, connections, kernel', () => {
  const devices: readonly ObservedFunction[] = [0, 1, 2, 3].flatMap((at): ObservedFunction[] => [
    bridge(`0000:00:0${at + 1}.0`, null, [0, at + 1, at + 1], { role: 'root-port' }),
    {
      address: `0000:0${at + 1}:00.0`,
      parent: `0000:00:0${at + 1}.0`,
      classCode: at < 2 ? 0x030200 : at === 2 ? 0x010802 : 0x020700,
      names: [[`card${at}`, `nvml${1 - at}`], [`cuda0`], ['nvme7', 'nvme7n1'], ['ib0', 'mlx5_2']][at] ?? [],
    },
  ]);
  test('the names that the system gives', () => {
    const { machine } = made(observedMachine(devices));
    expect(machine.components.filter((one) => one.children.length === 0).map((one) => one.label)).toEqual([
      'gpu1',
      'gpu0',
      'nvme7',
      'mlx5_2',
    ]);
  });
  test('NVLink between devices, xGMI between nodes; ends that are not there are noted', () => {
    const { machine, notes } = made(
      observedMachine(devices, {
        nodes: [
          {
            id: 0,
            package: 0,
            rootBuses: ['0000:00'],
            memoryBytes: 2 ** 36,
            cores: 8,
            cpuVendor: 'amd',
            cpuFamily: 0x19,
          },
          { id: 1, package: 1 },
        ],
        connections: [
          { from: '0000:01:00.0', to: '0000:02:00.0', technology: 'nvlink', links: 12, bytesPerSecond: 3e11 },
          { from: '0000:02:00.0', to: '0000:01:00.0', technology: 'nvlink', links: 12 },
          { from: 'node:0', to: 'node:1', technology: 'xgmi', links: 3 },
          { from: '0000:01:00.0', to: '0000:77:00.0', technology: 'nvlink', links: 1 },
        ],
      }),
    );
    expect(machine.connections.map((one) => [one.from, one.to, one.technology, one.links, one.bytesPerSecond])).toEqual(
      [
        [component(machine, 'gpu1').id, component(machine, 'gpu0').id, 'nvlink', 12, 3e11],
        [component(machine, 'cpu0').id, component(machine, 'cpu1').id, 'xgmi', 3, null],
      ],
    );
    expect(component(machine, 'cpu0').settings).toEqual({
      numaNode: 0,
      memoryBytes: 2 ** 36,
      cores: 8,
      cpuVendor: 'amd',
      cpuFamily: 0x19,
    });
    expect(notes.map((note) => note.message)).toEqual([
      'a nvlink connection from 0000:01:00.0 to 0000:77:00.0 has an end that is not there',
    ]);
  });
  test('a processor of the catalogue by its name', () => {
    const { machine } = made(
      observedMachine([], {
        nodes: [
          { id: 0, cpuName: 'AMD EPYC 7742 64-Core Processor' },
          { id: 1, cpuName: 'Intel(R) Xeon(R) Platinum 8480C' },
        ],
      }),
    );
    expect(machine.components.map((one) => one.parts)).toEqual([['epyc-7742', 'epyc-7002-series'], []]);
  });
  test('the memory of a processor is divided among the nodes that it is divided into', () => {
    const node = (id: number, chip: number) => ({
      id,
      package: chip,
      cores: 16,
      cpuName: 'AMD EPYC 7742 64-Core Processor',
    });
    const rates = (nodes: readonly ReturnType<typeof node>[]) =>
      made(observedMachine([], { nodes })).machine.components.map(({ settings }) => settings.memoryBytesPerSecond);
    expect(rates([node(0, 0), node(1, 0), node(2, 0), node(3, 0), node(4, 1)])).toEqual([
      51.2e9, 51.2e9, 51.2e9, 51.2e9, 204.8e9,
    ]);
  });
  test('several host bridges of one node', () => {
    const { machine } = made(
      observedMachine([
        { address: '0000:00:00.0', parent: null, classCode: 0x060000, numaNode: 0 },
        { address: '0000:40:00.0', parent: null, classCode: 0x060000, numaNode: 0 },
        { address: '0001:00:00.0', parent: null, classCode: 0x060000, numaNode: 1 },
        { address: '10000:00:00.0', parent: null, classCode: 0x060400, role: 'root-port', numaNode: 1 },
      ]),
    );
    const sockets = machine.components.filter((one) => one.kind === 'socket');
    expect(sockets.map((one) => one.label)).toEqual(['cpu0', 'cpu0-bus40', 'cpu1', 'cpu1-seg10000-bus00']);
    expect(addressesOf(machine)).toEqual(['0000:00:00.0', '0000:40:00.0', '0001:00:00.0', '10000:00:00.0']);
  });
  test('the command line of the kernel', () => {
    const { machine } = made(
      observedMachine(devices, {
        linux: {
          version: '6.8.0-45-generic',
          commandLine: 'ro iommu=pt pci=pcie_bus_perf,disable_acs_redir=0000:00:01.0 iommu.strict=0',
        },
      }),
    );
    expect(machine.linux).toMatchObject({
      version: '6.8',
      iommu: 'passthrough',
      mps: 'perf',
      disableAcsRedir: ['0000:00:01.0'],
      invalidation: 'lazy',
    });
  });
});
