import { describe, expect, it } from 'vitest';
import { qemuMachine } from '../../../formats/qemu/machine.ts';
import type { Aperture } from '../../../model/address.ts';
import { enumerate } from '../../../model/discovery/enumerate.ts';
import { iommuGroupsWithVirtual } from '../../../model/isolation/groups.ts';

const topology = (port: string) =>
  [
    '@firmware linux',
    '@guest echo 2 > /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs',
    `-device pcie-root-port,id=rp,addr=2.0${port}`,
    '-device nvme,id=n,bus=rp,serial=n,subsys=s,sriov_max_vfs=4,sriov_vq_flexible=8,sriov_vi_flexible=4,max_ioqpairs=10,msix_qsize=5',
  ].join('\n');

const virtualOf = (text: string, options = {}) => {
  const machine = qemuMachine(text, options);
  const groups = iommuGroupsWithVirtual(machine);
  return {
    addresses: enumerate(machine)
      .devices.filter((one) => one.physicalFunction !== null)
      .map((one) => one.bdf),
    groups: groups.filter((group) => group.some((one) => one.virtual !== undefined)).map((group) => group.length),
  };
};

describe('virtual functions in use', () => {
  it('below a port that isolates: a group each', () => {
    expect(virtualOf(topology(''))).toEqual({ addresses: ['0000:01:00.1', '0000:01:00.2'], groups: [1, 1] });
  });

  it('below a port without ACS: in its group, with the physical function', () => {
    expect(virtualOf(topology(',disable-acs=on')).groups).toEqual([4]);
  });

  it('none without memory for all of them', () => {
    const none: Aperture[] = [
      { kind: 'memory', bytes: 0n, base: null, below4g: true },
      { kind: 'memory', bytes: 0n, base: null, below4g: false },
    ];
    expect(virtualOf(topology(''), { apertures: new Map([[0, none]]) })).toEqual({ addresses: [], groups: [] });
  });
});
