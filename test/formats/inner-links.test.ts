import { describe, expect, it } from 'vitest';
import { readNccl } from '../../formats/nccl/read.ts';
import { machineFrom } from '../../formats/observed/machine.ts';
import type { ObservedFunction } from '../../formats/observed.ts';
import type { Machine } from '../../model/machine.ts';
import { describePath } from '../../simulator/path.ts';
import { observedMachine } from './observed-machine.ts';

const capable = (machine: Machine) =>
  Object.fromEntries(
    machine.links.map(({ name, trained }) => [name, `gen${trained.generation} x${trained.lanes}`] as const),
  );

const pci = (busid: string, ids: string, gts: string, inside: string) =>
  `<pci busid="${busid}" ${ids} link_speed="${gts} GT/s PCIe" link_width="16">${inside}</pci>`;
const bridge = (subsystem: string) =>
  `class="0x060400" vendor="0x1000" device="0xc030" subsystem_vendor="0x1000" subsystem_device="${subsystem}"`;
const gpu = (dev: number, links = '') =>
  pci(`0000:0${dev + 3}:00.0`, 'class="0x030200" vendor="0x10de"', '32.0', `<gpu dev="${dev}" sm="90">${links}</gpu>`);
const system = (inside: string) => `<system version="1"><cpu numaid="0" arch="x86_64">${inside}</cpu></system>`;

describe('NCCL says of a link what both of its ends can do', () => {
  it('a slow slot above a switch inside a card holds back nothing below that switch', () => {
    const card = pci('0000:02:00.0', 'class="0x060400"', '8.0', gpu(0));
    const { machine } = machineFrom(readNccl(system(card)));
    expect(capable(machine)).toEqual({ 'cpu0.rp0': 'gen3 x16', 'cpu0.rp0.sw0.p0': 'gen5 x16' });
    expect(machine.links.map(({ limitedBy }) => limitedBy)).toEqual([null, null]);
  });
});

describe('links that are no wires', () => {
  const twoLevels = (upper: string, lower: string) =>
    machineFrom(
      readNccl(system(pci('0000:01:00.0', bridge(upper), '5.0', pci('0000:02:00.0', bridge(lower), '32.0', gpu(0))))),
    );

  it('a switch that shows itself as two levels is not as slow as the upper one says', () => {
    const { machine, notes } = twoLevels('0x0072', '0x1003');
    expect(machine.components.find(({ label }) => label === 'sw0')?.settings.generation).toBeUndefined();
    expect(notes.map(({ message }) => message).join()).toContain('upper of two levels');
  });

  it('another switch is what it says', () => {
    const { machine, notes } = twoLevels('0x1072', '0x1003');
    expect(capable(machine)['cpu0.rp0']).toBe('gen2 x16');
    expect(notes).toEqual([]);
  });

  const link = (generation: 1 | 3, lanes: 1 | 8) => ({
    current: { generation, lanes },
    capable: { generation, lanes },
  });
  const chip = (port: number): ObservedFunction[] => [
    { address: '0000:00:02.0', role: 'root-port', classCode: 0x060400, link: link(3, 8) },
    { address: '0000:01:00.0', parent: '0000:00:02.0', role: 'upstream-port', classCode: 0x060400, link: link(3, 8) },
    {
      ...{ address: '0000:02:03.0', parent: '0000:01:00.0', role: 'downstream-port', classCode: 0x060400 },
      ...{ vendorId: 0x8086, deviceId: port, link: link(1, 1) },
    },
    { address: '0000:03:00.0', parent: '0000:02:03.0', role: 'endpoint', classCode: 0x020000, link: link(1, 1) },
  ];

  it.each([
    [0x37c5, undefined],
    [0x3a42, 1],
  ] as const)('a port %i of a switch: gen %s', (device, generation) => {
    const { machine } = machineFrom(observedMachine(chip(device)));
    const ends = machine.components.filter(({ kind }) => kind === 'port' || kind === 'nic');
    expect(ends.map(({ settings }) => settings.generation)).toEqual([generation, generation]);
    expect(machine.components.find(({ kind }) => kind === 'switch')?.settings.generation).toBe(3);
  });
});

describe('NVLinks of which only the number is known', () => {
  const nvlink = (to: number, count: number) =>
    `<nvlink target="0000:0${to + 3}:00.0" count="${count}" tclass="0x030200"/>`;
  const to = (component: number) => ({ component, memory: false });

  it('carry what NVIDIA states for GPUs of this compute capability, and the path says so', () => {
    const { machine } = machineFrom(readNccl(system(gpu(0, nvlink(1, 6)) + gpu(1, nvlink(0, 6)))));
    const [a, b] = machine.components.filter(({ kind }) => kind === 'gpu');
    const path = describePath(machine, to(a?.id ?? 0), to(b?.id ?? 0));
    expect(path).toMatchObject({ class: 'NV6', bytesPerSecond: 150e9, bottleneck: 'gpu0 <-> gpu1' });
    expect(path.reasons.at(-1)).toMatchObject({
      code: 'route/assumed-rate',
      message: expect.stringContaining('25 GB/s each way is assumed of each. NVLink 4'),
    });
  });

  it('count all together where they lead to several NVSwitches', () => {
    const spread = [5, 5, 4, 4].map(
      (count, at) => `<nvlink target="0000:2${at}:00.0" count="${count}" tclass="0x068000"/>`,
    );
    const { machine } = machineFrom(readNccl(system(gpu(0, spread.join('')) + gpu(1, spread.join('')))));
    const [a, b] = machine.components.filter(({ kind }) => kind === 'gpu');
    expect(describePath(machine, to(a?.id ?? 0), to(b?.id ?? 0))).toMatchObject({
      class: 'NV18',
      bytesPerSecond: 450e9,
    });
  });
});
