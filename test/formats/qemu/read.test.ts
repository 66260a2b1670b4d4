import { describe, expect, it } from 'vitest';
import { UnreadableInput } from '../../../formats/observed.ts';
import { parseQemuArguments, qemuSize } from '../../../formats/qemu/arguments.ts';
import { qemuMachine } from '../../../formats/qemu/machine.ts';
import { busAddress } from '../../../model/discovery/buses.ts';
import type { Machine } from '../../../model/machine.ts';

const find = (machine: Machine, label: string) => {
  const found = machine.components.find((one) => one.label === label);
  if (found === undefined) throw new Error(`no ${label}`);
  return found;
};

/** BARs as `index:kind:bytes`, `p` for prefetchable. */
const barsOf = (option: string): string[] =>
  find(qemuMachine(`-device pcie-root-port,id=rp\n-device ${option},id=it,bus=rp`), 'it').bars.map(
    ({ index, kind, bytes, prefetchable }) => `${index}:${kind}${prefetchable ? ' p' : ''}:${bytes}`,
  );

describe('an arguments file', () => {
  it('has directives, comments and several options a line', () => {
    const read = parseQemuArguments(
      [
        '# a comment',
        '@firmware ovmf',
        '@append pci=disable_acs_redir=0000:00:01.0 quiet',
        '@memory 2G',
        '@iommu none',
        '-device pcie-root-port,id=a -device nvme,serial=1,bus=a',
        '-object memory-backend-ram,id=m,size=16M',
        '-netdev user,id=n',
      ].join('\n'),
    );
    expect(read.firmware).toBe('ovmf');
    expect(read.append).toEqual(['pci=disable_acs_redir=0000:00:01.0', 'quiet']);
    expect(read.memoryBytes).toBe(2 ** 31);
    expect(read.iommu).toBeNull();
    expect(read.devices.map(({ type, line }) => [type, line])).toEqual([
      ['pcie-root-port', 6],
      ['nvme', 6],
    ]);
    expect(read.objects.map(({ type }) => type)).toEqual(['memory-backend-ram']);
    expect(read.notes).toEqual([{ line: 8, message: expect.stringContaining('-netdev') }]);
  });

  it('may write directives behind a hash', () => {
    expect(parseQemuArguments('# @firmware seabios').firmware).toBe('seabios');
  });

  it.each([
    ['512M', 2 ** 29],
    ['1.5G', 1.5 * 2 ** 30],
    ['4096', 4096],
    ['0x1000', 4096],
    ['16MiB', 2 ** 24],
    ['', null],
    ['-4', null],
    ['many', null],
  ])('reads the size %s as %s', (text, bytes) => {
    expect(qemuSize(text)).toBe(bytes);
  });

  it.each([
    ['-device', 'needs a value'],
    ['@firmware bios', '@firmware is one of'],
    ['@unknown 1', 'is no directive'],
    ['-device nvme,=3', 'lacks its name'],
    ['-device flux-capacitor', 'is no device whose figures are known'],
    ['-device nvme,bus=rp9', 'no bus “rp9”'],
    ['-device nvme,addr=zz', 'is no device and function'],
    ['-device nvme,addr=20.0', 'is no device and function'],
    ['-device edu,addr=3\n-device edu,addr=3.0', 'is taken'],
    ['-device pcie-root-port,id=a\n-device pcie-root-port,id=a', 'is taken'],
    ['-device pcie-root-port,id=a\n-device edu,bus=a\n-device edu,bus=a', 'no device number is free'],
    ['@memory lots', 'is no size'],
    ['-device pxb-pcie,id=a,bus_nr=0', 'is taken'],
  ])('refuses %j and says where', (text, message) => {
    expect(() => qemuMachine(text)).toThrow(UnreadableInput);
    expect(() => qemuMachine(text)).toThrow(message);
    try {
      qemuMachine(text);
    } catch (error) {
      expect((error as UnreadableInput).line).toBe(text.split('\n').length);
    }
  });
});

describe('devices of QEMU', () => {
  // As Linux 6.1 sized them on QEMU 7.2 of Debian.
  it.each([
    ['nvme,serial=a', ['0:memory64:16384']],
    ['nvme,serial=a,max_ioqpairs=256,msix_qsize=512', ['0:memory64:32768']],
    ['nvme,serial=a,cmb_size_mb=4', ['0:memory64:16384', '2:memory64 p:4194304']],
    ['e1000e', ['0:memory32:131072', '1:memory32:131072', '2:io:32', '3:memory32:16384', '6:rom:262144']],
    ['e1000e,romfile=', ['0:memory32:131072', '1:memory32:131072', '2:io:32', '3:memory32:16384']],
    ['pci-testdev,membar=64M', ['0:memory32:4096', '1:io:256', '2:memory64 p:67108864']],
    ['edu', ['0:memory32:1048576']],
    ['qxl', ['0:memory32:67108864', '1:memory32:67108864', '2:memory32:8192', '3:io:32']],
    ['bochs-display', ['0:memory32 p:16777216', '2:memory32:4096', '6:rom:32768']],
    ['virtio-net-pci', ['1:memory32:4096', '4:memory64 p:16384', '6:rom:262144']],
    ['megasas', ['0:memory64:16384', '2:io:256', '3:memory64:262144']],
    ['vmxnet3', ['0:memory32:4096', '1:memory32:4096', '2:memory32:8192', '6:rom:262144']],
  ])('%s', (option, bars) => {
    expect(barsOf(option)).toEqual(bars);
  });

  it('gives virtio its legacy registers on a root bus', () => {
    const { settings, bars } = find(qemuMachine('-device virtio-rng-pci,id=it'), 'it');
    expect(settings.deviceId).toBe(0x1005);
    expect(bars.map(({ index, kind }) => [index, kind])).toEqual([
      [0, 'io'],
      [1, 'memory32'],
      [4, 'memory64'],
    ]);
  });

  it('counts the virtual functions of an NVMe controller', () => {
    const machine = qemuMachine(
      '-device nvme-subsys,id=s,nqn=s\n-device nvme,id=it,serial=a,subsys=s,sriov_max_vfs=4,sriov_vq_flexible=8,sriov_vi_flexible=4,max_ioqpairs=10,msix_qsize=5',
    );
    expect(find(machine, 'it').sriov).toMatchObject({ totalVfs: 4, vfOffset: 1, vfStride: 1 });
  });
});

describe('where devices stand', () => {
  const machine = qemuMachine(
    [
      '-device pcie-root-port,id=rp0,addr=4.0',
      '-device x3130-upstream,id=up,bus=rp0',
      '-device xio3130-downstream,id=d0,bus=up',
      '-device pcie-root-port,id=d1,bus=up,disable-acs=on',
      '-device nvme,serial=1,id=n,bus=d1',
      '-device edu,id=e',
    ].join('\n'),
  );

  it.each([
    ['host-bridge', '0000:00:00.0', 'device'],
    ['e', '0000:00:01.0', 'device'],
    ['rp0', '0000:00:04.0', 'root-port'],
    ['up', '0000:01:00.0', 'switch'],
    ['d0', '0000:02:00.0', 'port'],
    ['d1', '0000:02:01.0', 'port'],
    ['n', '0000:04:00.0', 'nvme'],
    ['smbus', '0000:00:1f.3', 'device'],
  ])('%s at %s', (label, address, kind) => {
    const component = find(machine, label);
    expect(component.kind).toBe(kind);
    expect(busAddress(machine, component.id)).toBe(address);
  });

  it('has ACS where QEMU has it', () => {
    expect(find(machine, 'rp0').acsCapability).toContain('RR');
    expect(find(machine, 'd0').acs).toBe('none');
    expect(find(machine, 'd1').acs).toBe('none');
  });

  it('makes a host bridge of a pxb-pcie', () => {
    const two = qemuMachine('-device pxb-pcie,id=px,bus_nr=0x40\n-device pcie-root-port,id=rp,bus=px');
    expect(two.components.filter((one) => one.kind === 'socket').map((one) => one.settings.bus)).toEqual([0, 0x40]);
    expect(busAddress(two, find(two, 'rp').id)).toBe('0000:40:00.0');
  });
});
