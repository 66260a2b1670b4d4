import { describe, expect, it } from 'vitest';
import { machineFrom } from '../../../formats/observed/machine.ts';
import { readUdevadm } from '../../../formats/udevadm/read.ts';
import { database, record } from './fixture.ts';

describe('udevadm info --export-db', () => {
  const machine = readUdevadm(database);
  const at = (address: string) => machine.functions.find((fn) => fn.address === address);
  it('has the tree from the paths', () => {
    expect(machine.functions.map(({ address, parent }) => [address, parent])).toEqual([
      ['0000:00:01.0', null],
      ['0000:01:00.0', '0000:00:01.0'],
      ['0000:00:1d.0', null],
      ['0000:02:00.0', '0000:00:1d.0'],
      ['0000:81:00.0', '0000:80:00.0'],
      ['10000:00:02.0', null],
    ]);
    expect(machine.name).toBe('Small Server 3');
  });
  it('has IDs, class, driver, words and names, and no more', () => {
    expect(at('0000:01:00.0')).toEqual({
      address: '0000:01:00.0',
      parent: '0000:00:01.0',
      vendorId: 0x10de,
      deviceId: 0x20b5,
      subsystemVendorId: 0x10de,
      subsystemDeviceId: 0x1533,
      classCode: 0x030200,
      isInterfaceKnown: true,
      driver: 'nvidia',
      vendorName: 'NVIDIA Corporation',
      deviceName: 'GA100 [A100 PCIe 80GB]',
      names: ['card1'],
    });
    expect(at('0000:02:00.0')?.names).toEqual(['nvme0', 'nvme0n1']);
    expect(at('0000:81:00.0')?.names).toEqual(['enp129s0', 'mlx5_0']);
  });
  it('becomes a machine', () => {
    const kinds = machineFrom(machine).machine.components.map((component) => component.kind);
    for (const kind of ['root-port', 'gpu', 'nvme', 'nic']) expect(kinds).toContain(kind);
  });
  it('notes lines that are not its own and functions that stand twice', () => {
    const { notes, functions } = readUdevadm(`$ udevadm info -e\n${database}\n${database}`);
    expect(functions).toHaveLength(6);
    expect(notes.filter((note) => note.message.includes('twice'))).toHaveLength(6);
    expect(notes.at(-1)).toMatchObject({ line: 1, message: expect.stringContaining('1 lines') });
  });
  it.each([
    ['another text', 'PCI 00:00.0\n', /nothing that udevadm exports/],
    ['nothing', '', /nothing that udevadm exports/],
    ['no PCI', record('/devices/system/cpu/cpu0', { SUBSYSTEM: 'cpu' }), /No PCI function/],
  ] as const)('%s: a clear error', (_name, text, message) => {
    expect(() => readUdevadm(text)).toThrow(message);
  });
});
