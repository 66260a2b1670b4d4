import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generationOfWords, ncclGeneration, wordsOfGeneration } from '../../../formats/nccl/link-speed.ts';
import { readNccl } from '../../../formats/nccl/read.ts';
import { nvidia } from './fixture.ts';

describe('NCCL XML', () => {
  const machine = readNccl(nvidia);
  const at = (address: string) => machine.functions.find((fn) => fn.address === address);
  it('has the nodes, with the family as CPUID means it', () => {
    expect(machine.nodes).toEqual([
      { id: 0, cpuVendor: 'amd', cpuFamily: 23, cpuModel: 49 },
      { id: 1, cpuVendor: 'intel', cpuFamily: 6, cpuModel: 143 },
    ]);
  });
  it('has switches, GPUs, NICs, and the NVSwitches that links lead to', () => {
    expect(machine.functions.map(({ address, parent, role, numaNode }) => [address, parent, role, numaNode])).toEqual([
      ['0000:01:00.0', null, 'upstream-port', 0],
      ['0000:07:00.0', '0000:01:00.0', undefined, 0],
      ['0000:0a:00.0', '0000:01:00.0', undefined, 0],
      ['0000:0c:00.0', '0000:01:00.0', undefined, 0],
      ['0000:c1:00.0', undefined, undefined, undefined],
    ]);
    expect(at('0000:07:00.0')).toMatchObject({
      classCode: 0x030200,
      vendorId: 0x10de,
      deviceId: 0x20b0,
      subsystemDeviceId: 0x134f,
      names: ['gpu0'],
      computeCapability: '8.0',
    });
    expect(at('0000:0a:00.0')?.computeCapability).toBe('10.3');
    expect(at('0000:0c:00.0')?.names).toEqual(['mlx5_0', 'mlx5_1']);
  });
  it('has speed and width as what both ends could do; missing ones stay missing', () => {
    expect(at('0000:07:00.0')?.link).toEqual({ capable: { generation: 4, lanes: 16 } });
    expect(at('0000:0a:00.0')?.link).toBeUndefined();
    expect(at('0000:0c:00.0')?.link).toEqual({ capable: { generation: 4, lanes: 8 } });
  });
  it('has every link beside PCIe once', () => {
    expect(machine.connections).toEqual([
      { from: '0000:07:00.0', to: '0000:c1:00.0', technology: 'nvlink', links: 6 },
      { from: '0000:07:00.0', to: '0000:0a:00.0', technology: 'nvlink', links: 2 },
      { from: '0000:0a:00.0', to: '0000:c1:00.0', technology: 'nvlink', links: 6 },
      { from: '0000:0a:00.0', to: 'nvswitch:unseen', technology: 'nvlink', links: 3 },
      { from: '0000:0a:00.0', to: 'node:0', technology: 'c2c', links: 10, bytesPerSecond: 250e9 },
    ]);
  });
  it('says what it leaves out and what NCCL reads otherwise', () => {
    expect(machine.notes.map(({ line, message }) => [line, message])).toEqual([
      [18, 'NCCL does not know link_speed="16.0 GT/s" and counts it as Gen3'],
      [27, 'a network that is not on PCI is left out: eth0'],
      [null, '3 NVLinks lead to switches that the machine does not see: one without an address'],
    ]);
  });
  it('counts compute units of RCCL for no capability, and knows xGMI', () => {
    const { functions, connections } = readNccl(
      '<system version="2"><cpu numaid="0"><pci busid="0:1d:0.0" class="0x038000"><gpu dev="0" sm="120" gcn="908"><xgmi target="0000:20:00.0" count="1" tclass="0x038000"/></gpu></pci><pci busid="0000:20:00.0" class="0x038000"/></cpu></system>',
    );
    expect(functions[0]).toEqual({
      address: '0000:1d:00.0',
      parent: null,
      classCode: 0x038000,
      isInterfaceKnown: true,
      numaNode: 0,
      names: ['gpu0'],
    });
    expect(connections).toEqual([{ from: '0000:1d:00.0', to: '0000:20:00.0', technology: 'xgmi', links: 1 }]);
  });
  it('reads the first of several machines', () => {
    const { functions, notes } = readNccl(
      '<system><cpu host_hash="0x1" numaid="0"><pci busid="0:1:0.0"/></cpu><cpu host_hash="0x2" numaid="0"><pci busid="0:2:0.0"/></cpu></system>',
    );
    expect(functions.map((fn) => fn.address)).toEqual(['0000:01:00.0']);
    expect(notes[0]?.message).toBe('it holds 2 machines: the first one is read');
  });
  it.each([
    ['another root', '<topology/>', /not <system>/, 1],
    ['no CPU', '\n<system version="1"/>', /no <cpu>/, 2],
    ['cut off', nvidia.slice(0, 900), /inside|unclosed|end/, 12],
  ] as const)('%s: a clear error', (_name, text, message, line) => {
    expect(() => readNccl(text)).toThrow(message);
    expect(() => readNccl(text)).toThrow(expect.objectContaining({ line }));
  });
  it.each([
    ['no address', '<pci busid="x"/>', /without an address/],
    ['a speed of words', '<pci busid="0:1:0.0" link_speed="Unknown"/>', /is no speed/],
    ['a width of three', '<pci busid="0:1:0.0" link_width="3"/>', /no width/],
    [
      'a link to nobody',
      '<pci busid="0:1:0.0"><gpu dev="0"><nvlink target="0:9:0.0" tclass="0x030200"/></gpu></pci>',
      /not in the file/,
    ],
    [
      'a link to words',
      '<pci busid="0:1:0.0"><gpu dev="0"><nvlink target="there" count="1"/></gpu></pci>',
      /leads nowhere/,
    ],
    ['an element to come', '<pci busid="0:1:0.0"><fpga/></pci>', /not understood/],
  ] as const)('%s: a note with its line', (_name, inside, message) => {
    const { notes } = readNccl(`<system version="1">\n<cpu numaid="0">\n${inside}\n</cpu></system>`);
    expect(notes).toEqual([expect.objectContaining({ line: 3, message: expect.stringMatching(message) })]);
  });
});

describe('speeds in words', () => {
  it.each([
    ['16.0 GT/s PCIe', 4, 4],
    ['16 GT/s', 4, 4],
    ['16.0 GT/s', 4, 3],
    ['64.0 GT/s PCIe', 6, 6],
    ['2.5 GT/s', 1, 1],
    ['', undefined, 3],
    ['Unknown', undefined, 3],
  ])('%s', (words, meant, counted) => {
    expect([generationOfWords(words), ncclGeneration(words)]).toEqual([meant, counted]);
  });
  it('are written as NCCL knows them', () => {
    for (const generation of [1, 2, 3, 4, 5, 6] as const) {
      expect(ncclGeneration(wordsOfGeneration(generation))).toBe(generation);
    }
    expect(wordsOfGeneration(7)).toBeUndefined();
  });
});

const folder = resolve(import.meta.dirname, '../../../../shared/data/machines');
const files = ['nccl', 'rccl'].flatMap((name) =>
  existsSync(resolve(folder, name)) ? readdirSync(resolve(folder, name)).map((file) => `${name}/${file}`) : [],
);
describe.skipIf(files.length === 0)(
  'NCCL and RCCL XML of real machines (skipped where the shared data are absent)',
  () => {
    it.each([...files, 'perlmutter/nccl_topo.xml'])('%s: functions, speeds, links, nodes', (name) => {
      const whole = readFileSync(resolve(folder, name), 'utf8').replace(/<!--[\s\S]*?-->/g, '');
      const { functions, nodes, connections } = readNccl(whole);
      const tags = [...whole.matchAll(/<pci\b[^>]*>/g)].map((found) => found[0]);
      const switches = new Set(
        [...whole.matchAll(/<nvlink target="([^"]+)"[^>]*tclass="0x0680/g)].map((found) => found[1]),
      );
      for (const tag of tags) switches.delete(/busid="([^"]+)"/.exec(tag)?.[1] ?? '');
      expect(functions).toHaveLength(tags.length + switches.size);
      expect(nodes).toHaveLength(new Set([...whole.matchAll(/numaid="(\d+)"/g)].map((found) => found[1])).size);
      tags.forEach((tag, at) => {
        const [speed, width] = [/link_speed="([\d.]*)/.exec(tag)?.[1], /link_width="(\d+)"/.exec(tag)?.[1]];
        const rates = [2.5, 5, 8, 16, 32, 64];
        const { generation, lanes } = functions[at]?.link?.capable ?? {};
        expect([generation === undefined ? undefined : rates[generation - 1], lanes]).toEqual([
          speed === undefined || speed === '' ? undefined : Number(speed),
          width === undefined || width === '0' ? undefined : Number(width),
        ]);
      });
      const ends = [...whole.matchAll(/<(?:nvlink|xgmi) [^>]*count="(\d+)" tclass="0x0(\d)/g)];
      const twice = ends.reduce((sum, found) => sum + Number(found[1]) / (found[2] === '3' ? 2 : 1), 0);
      expect(connections.reduce((sum, one) => sum + one.links, 0)).toBe(twice);
    });
  },
);
