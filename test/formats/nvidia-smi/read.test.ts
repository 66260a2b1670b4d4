import { describe, expect, it } from 'vitest';
import { readMatrix, readNvidiaSmi } from '../../../formats/nvidia-smi/read.ts';
import { tabs } from './fixture.ts';

describe('nvidia-smi topo -m', () => {
  it.each([
    ['with tabs', tabs],
    ['pasted, with blanks', tabs.replaceAll('\t', '      ')],
    ['quoted, with carriage returns', tabs.replaceAll('\n', '\r\n')],
  ])('%s: classes, names from the legend, affinity', (_name, text) => {
    const { devices, classes } = readMatrix(text);
    expect(devices).toEqual([
      { label: 'GPU0', name: 'GPU0', cpuAffinity: '0-31,64-95', numaAffinity: [0, 1] },
      { label: 'GPU1', name: 'GPU1', cpuAffinity: '32-63,96-127', numaAffinity: [3], gpuNumaId: 4 },
      { label: 'NIC0', name: 'mlx5_0' },
      { label: 'NIC1', name: 'mlx5_3' },
    ]);
    expect(classes[1]).toEqual(['NV12', 'X', 'SYS', 'PIX']);
    const machine = readNvidiaSmi(text);
    expect(machine.distances).toEqual([
      { from: 'GPU0', to: 'GPU1', class: 'NV12' },
      { from: 'GPU0', to: 'mlx5_0', class: 'PXB' },
      { from: 'GPU0', to: 'mlx5_3', class: 'SYS' },
      { from: 'GPU1', to: 'mlx5_0', class: 'SYS' },
      { from: 'GPU1', to: 'mlx5_3', class: 'PIX' },
      { from: 'mlx5_0', to: 'mlx5_3', class: 'SYS' },
    ]);
    expect(machine.affinities).toEqual([{ device: 'GPU1', numaNode: 3 }]);
    expect(machine.nodes).toEqual([]);
    expect(machine.functions).toEqual([]);
  });
  it('has old drivers, which name the NICs in the matrix and know no affinity of nodes', () => {
    const { devices, classes } = readMatrix(
      '        GPU0    mlx5_0  CPU Affinity\nGPU0     X      PIX     0-7\nmlx5_0  PIX      X \n',
    );
    expect(devices.map((device) => [device.name, device.cpuAffinity])).toEqual([
      ['GPU0', '0-7'],
      ['mlx5_0', undefined],
    ]);
    expect(classes).toEqual([
      ['X', 'PIX'],
      ['PIX', 'X'],
    ]);
  });
  it('has one GPU alone', () => {
    expect(readMatrix('\tGPU0\tCPU Affinity\tNUMA Affinity\nGPU0\t X \t0-7\t0\n').devices).toHaveLength(1);
  });
  it('notes what contradicts itself', () => {
    const { notes } = readNvidiaSmi('\tGPU0\tGPU1\nGPU0\tX\tPIX\nGPU1\tSYS\tX\n\nNIC Legend:\n  NIC4: mlx5_4\n');
    expect(notes.map((note) => note.message)).toEqual([
      'the legend names it, the matrix does not have it',
      'to GPU1 it is PIX, the other way SYS: the first one counts',
    ]);
  });
  it.each([
    ['no matrix', 'Thu Jan  1 nvidia-smi\n', /no matrix/, 1],
    ['a row too short', tabs.replace('\tSYS\tPIX\t32', '\t32'), /row of GPU1/, 3],
    ['a missing row', tabs.replace(/GPU1\tNV12.*\n/, ''), /row of GPU1 is missing/, 3],
    ['the end too early', tabs.split('\n').slice(0, 3).join('\n'), /before the row of NIC0/, 3],
    ['a class of its own', tabs.replace('PIX', 'FOO'), /'FOO', which is no class/, 3],
  ] as const)('%s: an error with its line', (_name, text, message, line) => {
    expect(() => readNvidiaSmi(text)).toThrow(message);
    expect(() => readNvidiaSmi(text)).toThrow(expect.objectContaining({ line }));
  });
});
