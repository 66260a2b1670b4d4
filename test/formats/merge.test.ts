import { describe, expect, test } from 'vitest';
import { readLspci } from '../../formats/lspci/read.ts';
import { mergeObserved } from '../../formats/observed/merge.ts';
import type { ObservedFunction, ObservedMachine } from '../../formats/observed.ts';
import { observedMachine } from './observed-machine.ts';

const machine = (
  formats: readonly string[],
  functions: readonly ObservedFunction[],
  more: Partial<ObservedMachine> = {},
) => observedMachine(functions, { formats, ...more });

describe('several sources of one machine', () => {
  test('functions join by address, however it is written; each adds what the other lacks', () => {
    const merged = mergeObserved([
      machine(
        ['nccl'],
        [{ address: '0000:3B:00.0', parent: null, role: 'endpoint', names: ['gpu3'], computeCapability: '8.0' }],
      ),
      machine(
        ['lspci'],
        [
          { address: '3b:00.0', parent: '3a:00.0', vendorId: 0x10de, deviceId: 0x20b5 },
          { address: '3a:00.0', parent: null },
        ],
      ),
    ]);
    expect(merged.formats).toEqual(['lspci', 'nccl']);
    expect(merged.functions).toEqual([
      {
        address: '0000:3b:00.0',
        parent: '0000:3a:00.0',
        role: 'endpoint',
        vendorId: 0x10de,
        deviceId: 0x20b5,
        names: ['gpu3'],
        computeCapability: '8.0',
      },
      { address: '0000:3a:00.0', parent: null },
    ]);
    expect(merged.notes).toEqual([]);
  });
  test('contradictions are noted, and the source that shows more is kept', () => {
    const merged = mergeObserved([
      machine(
        ['hwloc'],
        [
          {
            address: '0000:01:00.0',
            numaNode: 1,
            deviceId: 0x1234,
            classCode: 0x020000,
            link: { current: { lanes: 8 } },
          },
        ],
      ),
      machine(
        ['sysfs'],
        [
          {
            address: '0000:01:00.0',
            numaNode: 0,
            deviceId: 0x1234,
            classCode: 0x030200,
            link: { current: { lanes: 16 } },
          },
        ],
      ),
    ]);
    expect(merged.functions[0]).toMatchObject({ numaNode: 0, classCode: 0x030200, link: { current: { lanes: 16 } } });
    expect(merged.notes.map((note) => `${note.subject}: ${note.message}`)).toEqual([
      '0000:01:00.0: hwloc says numaNode 1, another source 0: the latter is kept',
      '0000:01:00.0: hwloc says class 0x20000, another source 0x30200: the latter is kept',
      '0000:01:00.0: hwloc says its link is x8, another source x16: the latter is kept',
    ]);
  });
  test('a parent that no source shows gives way to bus numbers', () => {
    const merged = mergeObserved([machine(['nccl'], [{ address: '0000:01:00.0', parent: 'ffff:ff:01.0' }])]);
    expect(merged.functions).toEqual([{ address: '0000:01:00.0' }]);
  });
  test('a dump of registers and a listing with sizes', () => {
    const words = readLspci(
      '3b:00.0 0302: 10de:20b5\n\tRegion 0: Memory at f0000000 (32-bit, non-prefetchable) [size=16M]\n',
    );
    const numbers = readLspci('3b:00.0 0302: 10de:20b5\n10: 00 00 00 f0 00 00 00 00 00 00 00 00 00 00 00 00\n0e: 00\n');
    expect(mergeObserved([numbers, words]).functions[0]?.bars?.[0]).toMatchObject({
      bytes: 2 ** 24,
      address: 0xf0000000n,
    });
  });
  test('nodes, connections and the kernel', () => {
    const merged = mergeObserved([
      machine(['sysfs'], [], { nodes: [{ id: 0, cores: 8 }], linux: { version: '6.8' } }),
      machine(['nccl'], [], {
        nodes: [{ id: 0, cores: 9, cpuVendor: 'amd' }, { id: 1 }],
        linux: { version: '6.9', iommu: 'off' },
        connections: [{ from: '0000:01:00.0', to: '0000:02:00.0', technology: 'nvlink', links: 4 }],
      }),
      machine(['nvidia-smi'], [], {
        connections: [{ from: '02:00.0', to: '01:00.0', technology: 'nvlink', links: 4, bytesPerSecond: 1e11 }],
      }),
    ]);
    expect(merged.nodes).toEqual([{ id: 0, cores: 8, cpuVendor: 'amd' }, { id: 1 }]);
    expect(merged.linux).toEqual({ version: '6.8', iommu: 'off' });
    expect(merged.connections).toEqual([
      { from: '0000:01:00.0', to: '0000:02:00.0', technology: 'nvlink', links: 4, bytesPerSecond: 1e11 },
    ]);
  });
});
