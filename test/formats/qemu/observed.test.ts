import { describe, expect, it } from 'vitest';
import { readQemu } from '../../../formats/qemu/read.ts';

describe('what a guest sees', () => {
  const observed = readQemu(
    [
      '@memory 2G',
      '@append pci=disable_acs_redir=0000:00:01.0',
      '-device pcie-root-port,id=rp0,addr=1.0,x-speed=8,x-width=16',
      '-device x3130-upstream,id=up,bus=rp0',
      '-device xio3130-downstream,id=dp,bus=up,hotplug=off',
      '-device nvme,id=disk,serial=1,bus=dp,cmb_size_mb=16',
      '-device pcie-pci-bridge,id=br,addr=2',
      '-device pci-bridge,id=inner,bus=br,chassis_nr=1,addr=1',
      '-device e1000,bus=inner,addr=1',
      '-drive file=disk.raw',
    ].join('\n'),
  );
  const at = (address: string) => observed.functions.find((fn) => fn.address === address);

  it.each([
    ['0000:00:00.0', 'host-bridge', null],
    ['0000:00:01.0', 'root-port', null],
    ['0000:00:02.0', 'pcie-to-pci-bridge', null],
    ['0000:00:1f.2', 'conventional', null],
    ['0000:01:00.0', 'upstream-port', '0000:00:01.0'],
    ['0000:02:00.0', 'downstream-port', '0000:01:00.0'],
    ['0000:03:00.0', 'endpoint', '0000:02:00.0'],
    ['0000:04:01.0', 'pci-bridge', '0000:00:02.0'],
    ['0000:05:01.0', 'conventional', '0000:04:01.0'],
  ])('%s is a %s', (address, role, parent) => {
    expect(at(address)).toMatchObject({ role, parent });
  });

  it('has what the options say, and no addresses of memory', () => {
    expect(at('0000:00:01.0')).toMatchObject({
      link: { capable: { generation: 3, lanes: 16 } },
      hotplug: true,
      names: ['rp0'],
      buses: { primary: 0, secondary: 1, subordinate: 3 },
    });
    expect(at('0000:00:01.0')?.acs?.capability).toEqual(['SV', 'TB', 'RR', 'CR', 'UF', 'DT']);
    expect(at('0000:02:00.0')).toMatchObject({ acs: null, hotplug: false });
    expect(at('0000:03:00.0')?.bars).toEqual([
      { index: 0, kind: 'memory64', prefetchable: false, bytes: 16384 },
      { index: 2, kind: 'memory64', prefetchable: true, bytes: 2 ** 24 },
    ]);
    expect(observed.nodes).toEqual([{ id: 0, memoryBytes: 2 ** 31, rootBuses: ['0000:00'] }]);
    expect(observed.linux).toEqual({ iommu: 'translate', commandLine: 'pci=disable_acs_redir=0000:00:01.0' });
    expect(observed.notes).toEqual([{ line: 10, subject: null, message: expect.stringContaining('-drive') }]);
  });

  it('has devices whose figures are not known, and leaves out what is no PCI function', () => {
    const { functions, notes } = readQemu(
      '-device pcie-root-port,id=rp\n-device vfio-pci,host=01:00.0,id=it,bus=rp\n-device usb-kbd -device nvme-ns,drive=d',
    );
    const it = functions.find((fn) => fn.address === '0000:01:00.0');
    expect(it).toMatchObject({ role: 'endpoint', bars: [], names: ['it'] });
    expect(it).not.toHaveProperty('vendorId');
    expect(notes).toEqual([{ line: 2, subject: null, message: expect.stringContaining('vfio-pci') }]);
    expect(functions).toHaveLength(6);
  });
});
