import { describe, expect, it } from 'vitest';
import { readReport } from './boot/report.ts';

const printed = [
  'BIOS noise',
  '#kernel 6.1.0-56-cloud-amd64\r',
  '[    0.5] pci_bus 0000:00: root bus resource [io  0x0000-0x0cf7 window]',
  '[    0.5] pci_bus 0000:40: root bus resource [mem 0x100000000-0x8ffffffff 64bit pref window]',
  '[    0.6] pci 0000:01:00.0: BAR 2: failed to assign [mem size 0x1000]',
  '#links',
  'total 0',
  'lrwxrwxrwx 1 0 0 0 Nov 21 16:00 0000:00:01.0 -> ../../../devices/pci0000:00/0000:00:01.0',
  'lrwxrwxrwx 1 0 0 0 Nov 21 16:00 0000:01:00.0 -> ../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0',
  '#files',
  '0000:00:01.0/vendor:0x1b36',
  '0000:00:01.0/device:0x000c',
  '0000:01:00.0/class:0x010802',
  '0000:00:01.0/secondary_bus_number:1',
  '0000:00:01.0/subordinate_bus_number:3',
  '0000:00:01.0/resource:0x0000000046a00000 0x0000000046a00fff 0x0000000000040200',
  ...new Array<string>(12).fill('0000:00:01.0/resource:0x0000000000000000 0x0000000000000000 0x0000000000000000'),
  '0000:00:01.0/resource:0x0000000000001000 0x0000000000001fff 0x0000000000000100',
  '0000:01:00.0/resource:0x0000000000000000 0x0000000000003fff 0x0000000020140204',
  '#groups',
  '0/devices/0000:00:01.0',
  '1/devices/0000:01:00.0',
  '1/devices/0000:01:00.1',
  '#done',
].join('\n');

describe('what the guest prints', () => {
  const report = readReport(printed);

  it('has windows of host bridges and complaints', () => {
    expect(report.kernel).toBe('6.1.0-56-cloud-amd64');
    expect(report.windows).toEqual([
      { bus: '0000:00', kind: 'io', start: 0n, end: 0xcf7n },
      { bus: '0000:40', kind: 'prefetchable', start: 0x100000000n, end: 0x8ffffffffn },
    ]);
    expect(report.complaints).toHaveLength(1);
  });

  it('has functions with their resources by slot', () => {
    expect(report.devices.map(({ address, parent, buses }) => ({ address, parent, buses }))).toEqual([
      { address: '0000:00:01.0', parent: null, buses: { primary: 0, secondary: 1, subordinate: 3 } },
      { address: '0000:01:00.0', parent: '0000:00:01.0', buses: null },
    ]);
    expect(report.devices[0]?.resources.map(({ slot, start, assigned }) => [slot, start, assigned])).toEqual([
      [0, 0x46a00000n, true],
      [13, 0x1000n, true],
    ]);
    expect(report.devices[1]?.resources).toMatchObject([{ slot: 0, assigned: false }]);
  });

  it('has groups', () => {
    expect(report.groups).toEqual([['0000:00:01.0'], ['0000:01:00.0', '0000:01:00.1']]);
  });
});
