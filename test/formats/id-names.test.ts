import { expect, test } from 'vitest';
import type { ObservedFunction } from '../../formats/observed.ts';
import { withNames } from '../../formats/pci/id-names.ts';
import { observedMachine } from './observed-machine.ts';

const database = [
  '# List of PCI IDs',
  '8086  Intel Corporation',
  '\t2030  Some Root Port A',
  '10de  NVIDIA Corporation',
  '\t20b5  GA100 [A100 PCIe 80GB]',
  '\t\t10de 1533  A100 80GB PCIe',
  '\t2330  GH100 [H100 SXM5 80GB]',
  'C 03  Display controller',
  '\t00  VGA compatible controller',
].join('\n');

const observed = (...functions: ObservedFunction[]) => observedMachine(functions, { formats: ['sysfs'] });

test('a device without a name has that of its IDs', () => {
  const { functions } = withNames(observed({ address: '0000:01:00.0', vendorId: 0x10de, deviceId: 0x20b5 }), database);
  expect(functions[0]?.deviceName).toBe('NVIDIA Corporation GA100 [A100 PCIe 80GB]');
});

test('names that the source gives stay; what the database does not know has none', () => {
  const before = observed(
    { address: '0000:01:00.0', vendorId: 0x10de, deviceId: 0x20b5, deviceName: 'its own' },
    { address: '0000:02:00.0', vendorId: 0x10de, deviceId: 0x1234 },
    { address: '0000:03:00.0', vendorId: 0x0300, deviceId: 0x0000 },
    { address: '0000:04:00.0' },
  );
  for (const text of [database, '', 'nonsense\n\t\tnonsense']) expect(withNames(before, text)).toEqual(before);
});
