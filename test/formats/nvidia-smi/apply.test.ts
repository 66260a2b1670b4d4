import { describe, expect, it } from 'vitest';
import { readNvidiaSmi } from '../../../formats/nvidia-smi/read.ts';
import { machineFrom } from '../../../formats/observed/machine.ts';
import { mergeObserved } from '../../../formats/observed/merge.ts';
import type { ObservedConnection, ObservedFunction, ObservedMachine } from '../../../formats/observed.ts';
import { distanceClass } from '../../../model/peer/distance-class.ts';

const buses = ['c1', '03', '82', '41'] as const;
const gpu = (bus: string, more: Partial<ObservedFunction> = {}): ObservedFunction => ({
  address: `0000:${bus}:00.0`,
  parent: null,
  vendorId: 0x10de,
  deviceId: 0x20b0,
  classCode: 0x030200,
  ...more,
});
const lspci = (
  functions: readonly ObservedFunction[],
  connections: readonly ObservedConnection[] = [],
): ObservedMachine => ({
  formats: ['lspci'],
  functions,
  nodes: [],
  connections,
  distances: [],
  linux: {},
  notes: [],
});
const matrix = (size: number, name: string) => {
  const labels = Array.from({ length: size }, (_, at) => `GPU${at}`);
  const rows = labels.map(
    (label, row) => `${label}\t${labels.map((_, column) => (row === column ? ' X ' : name)).join('\t')}\t0-7\t${row}`,
  );
  return readNvidiaSmi(`\t${labels.join('\t')}\tCPU Affinity\tNUMA Affinity\n${rows.join('\n')}\n`);
};

describe('a matrix of nvidia-smi beside another source', () => {
  it('joins the GPUs in the order of their addresses, numbers them and puts them on nodes', () => {
    const audio: ObservedFunction = {
      address: '0000:03:00.1',
      parent: null,
      vendorId: 0x10de,
      deviceId: 1,
      classCode: 0x040300,
    };
    const merged = mergeObserved([lspci([...buses.map((bus) => gpu(bus)), audio]), matrix(4, 'NV4')]);
    expect(merged.functions.map(({ address, names, numaNode }) => [address, names, numaNode])).toEqual([
      ['0000:c1:00.0', ['gpu3'], 3],
      ['0000:03:00.0', ['gpu0'], 0],
      ['0000:82:00.0', ['gpu2'], 2],
      ['0000:41:00.0', ['gpu1'], 1],
      ['0000:03:00.1', undefined, undefined],
    ]);
    expect(merged.connections).toHaveLength(6);
    expect(merged.connections[0]).toEqual({ from: '0000:03:00.0', to: '0000:41:00.0', technology: 'nvlink', links: 4 });
    const { machine, componentOf } = machineFrom(merged, { name: 'm' });
    const [a, b] = ['0000:03:00.0', '0000:c1:00.0'].map((address) => componentOf.get(address) ?? -1);
    expect(distanceClass(machine, a ?? -1, b ?? -1)).toBe('NV4');
  });
  it('puts a switch between GPUs that cannot have as many links', () => {
    const merged = mergeObserved([lspci(buses.map((bus) => gpu(bus))), matrix(4, 'NV12')]);
    expect(merged.connections).toEqual(
      ['03', '41', '82', 'c1'].map((bus) => ({
        from: `0000:${bus}:00.0`,
        to: 'nvswitch:matrix',
        technology: 'nvlink',
        links: 12,
      })),
    );
    const { machine, componentOf } = machineFrom(merged, { name: 'm' });
    const ids = buses.map((bus) => componentOf.get(`0000:${bus}:00.0`) ?? -1);
    expect(distanceClass(machine, ids[0] ?? -1, ids[1] ?? -1)).toBe('NV12');
    expect(machine.components.filter((one) => one.kind === 'nvswitch')).toHaveLength(1);
  });
  it('goes by the numbers that another source gives, and leaves its links alone', () => {
    const named = buses.map((bus, at) => gpu(bus, { names: [`nvml${at}`], numaNode: 9 }));
    const link: ObservedConnection = { from: '0000:c1:00.0', to: '0000:03:00.0', technology: 'nvlink', links: 2 };
    const merged = mergeObserved([lspci(named, [link]), matrix(4, 'NV4')]);
    expect(merged.functions.map(({ names, numaNode }) => [names?.at(-1), numaNode])).toEqual([
      ['gpu0', 9],
      ['gpu1', 9],
      ['gpu2', 9],
      ['gpu3', 9],
    ]);
    expect(merged.connections).toEqual([
      link,
      { from: '0000:82:00.0', to: '0000:41:00.0', technology: 'nvlink', links: 4 },
    ]);
  });
  it('knows GPUs by their words where there are no numbers', () => {
    const words = buses.map(
      (bus): ObservedFunction => ({
        address: `0000:${bus}:00.0`,
        parent: null,
        deviceName: 'NVIDIA Corporation GA100 [A100]',
      }),
    );
    const other: ObservedFunction = {
      address: '0000:c2:00.0',
      parent: null,
      deviceName: 'NVIDIA Corporation Audio Controller',
    };
    expect(mergeObserved([lspci([...words, other]), matrix(4, 'NV4')]).connections).toHaveLength(6);
  });
  it('says where the GPUs are not as many', () => {
    const merged = mergeObserved([lspci([gpu('03')]), matrix(4, 'NV4')]);
    expect(merged.connections).toEqual([]);
    expect(merged.notes.map((note) => note.message)).toEqual([
      'the matrix has 4 GPUs, the other sources 1: which is which is not said',
    ]);
  });
  it('adds no links where there are none', () => {
    expect(mergeObserved([lspci(buses.map((bus) => gpu(bus))), matrix(4, 'PXB')]).connections).toEqual([]);
  });
});
