import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hwlocLinkSpeed, stateOfRate, statesOfLinkSpeed } from '../../../formats/hwloc/link-speed.ts';
import { readHwloc } from '../../../formats/hwloc/read.ts';
import { readSet, writeSet } from '../../../formats/hwloc/sets.ts';
import { generations } from '../../../model/link/generation.ts';
import { fixture } from './fixture.ts';

describe.each([1, 2, 3] as const)('XML of hwloc %i', (version) => {
  const machine = readHwloc(fixture(version));
  const at = (address: string) => machine.functions.find((fn) => fn.address === address);
  it('has the nodes with their memory, cores, CPU and root buses', () => {
    const cpu = { cpuVendor: 'intel', cpuFamily: 6, cpuModel: 143, cpuName: 'Some Xeon' };
    expect(machine.nodes).toEqual([
      { id: 0, package: 0, memoryBytes: 8 * 2 ** 30, cores: 2, ...cpu, rootBuses: ['0000:00'] },
      { id: 1, package: 1, memoryBytes: 8 * 2 ** 30, cores: 2, ...cpu, rootBuses: ['0000:80'] },
    ]);
  });
  it('has the tree', () => {
    expect(
      machine.functions.map(({ address, parent, buses, numaNode }) => [address, parent, buses?.secondary, numaNode]),
    ).toEqual([
      ['0000:00:01.0', null, 1, 0],
      ['0000:01:00.0', '0000:00:01.0', 2, 0],
      ['0000:02:00.0', '0000:01:00.0', 3, 0],
      ['0000:03:00.0', '0000:02:00.0', undefined, 0],
      ['0000:02:01.0', '0000:01:00.0', 4, 0],
      ['0000:04:00.0', '0000:02:01.0', undefined, 0],
      ['0000:80:00.0', null, 0x81, 1],
      ['0000:81:00.0', '0000:80:00.0', undefined, 1],
      ['0000:81:00.1', '0000:80:00.0', undefined, 1],
    ]);
  });
  it('has what functions say of themselves, and no more', () => {
    expect(at('0000:03:00.0')).toMatchObject({
      vendorId: 0x10de,
      deviceId: 0x2330,
      subsystemVendorId: 0x10de,
      subsystemDeviceId: 0x1000,
      revision: 1,
      classCode: version === 3 ? 0x030202 : 0x030200,
      isInterfaceKnown: version === 3,
      names: ['nvml0'],
    });
    expect(at('0000:01:00.0')?.subsystemVendorId).toBeUndefined();
    expect(at('0000:01:00.0')?.vendorName).toBe('Broadcom / LSI');
    expect(at('0000:81:00.0')?.names).toEqual(['eth0']);
    for (const fn of machine.functions) expect([fn.bars, fn.acs, fn.role]).toEqual([undefined, undefined, undefined]);
  });
  it('says of a link what the rate alone says', () => {
    expect(at('0000:04:00.0')?.link).toEqual({ current: { generation: 1, lanes: 1 } });
    expect(at('0000:03:00.0')?.link).toEqual({ current: { generation: 5, lanes: 16 } });
    expect(at('0000:81:00.0')?.link).toEqual({ current: { bytesPerSecond: 31.507692e9 } });
    expect(machine.notes.map((note) => note.message).join('\n')).toMatch(
      /3 functions run at 31.507692 GB\/s, Gen4 x16 or Gen5 x8/,
    );
  });
  it('has the system and the links beside PCIe', () => {
    expect([machine.name, machine.linux.version, machine.formats]).toEqual(['node7', '6.1.0-9-amd64', ['hwloc']]);
    expect(machine.connections).toEqual(
      version === 1
        ? []
        : [{ from: '0000:03:00.0', to: '0000:81:00.0', technology: 'nvlink', links: 1, bytesPerSecond: 25e9 }],
    );
  });
});

describe('XML of hwloc', () => {
  const inMachine = (inside: string, attributes = 'version="2.0"') =>
    `<topology ${attributes}>\n<object type="Machine" nodeset="0x1">\n${inside}\n</object></topology>`;
  it('takes a machine of version 1 without nodes for one node', () => {
    const machine = readHwloc(
      '<topology><object type="Machine" local_memory="1024"><object type="Socket" os_index="0"><object type="Core"/></object><object type="Bridge" bridge_type="0-1" bridge_pci="0000:[00-00]"><object type="PCIDev" pci_busid="0000:00:02.0" pci_type="0300 [1234:1111] [0000:0000] 02" pci_link_speed="0.0"/></object></object></topology>',
    );
    expect(machine.nodes).toEqual([{ id: 0, package: 0, memoryBytes: 1024, cores: 1 }]);
    expect(machine.functions).toHaveLength(1);
    expect(machine.functions[0]).toMatchObject({ address: '0000:00:02.0', numaNode: 0 });
    expect(machine.functions[0]?.link).toBeUndefined();
  });
  it('leaves the node open where a host bridge hangs off several', () => {
    const { functions } = readHwloc(
      '<topology version="2.0"><object type="Machine" nodeset="0x3"><object type="Bridge" bridge_type="0-1" bridge_pci="0000:[00-00]"><object type="PCIDev" pci_busid="0000:00:02.0" pci_type="0300 [1234:1111] [0000:0000] 02"/></object></object></topology>',
    );
    expect(functions[0]?.numaNode).toBeUndefined();
  });
  it.each([
    ['another root', '<system version="1"/>', /not <topology>/, 1],
    ['no machine', '<topology version="2.0"/>', /no object of type Machine/, 1],
    ['cut off', fixture(2).slice(0, 1500), /inside|unclosed|end/, undefined],
    ['no XML', 'Machine L#0 (16GB)\n', /no XML/, 1],
  ] as const)('%s: a clear error', (_name, text, message, line) => {
    expect(() => readHwloc(text)).toThrow(message);
    if (line !== undefined) expect(() => readHwloc(text)).toThrow(expect.objectContaining({ line }));
  });
  it.each([
    ['no address', '<object type="PCIDev" pci_busid="zz"/>', /has no address/, 3],
    ['a class of words', '<object type="PCIDev" pci_busid="0:1:0.0" pci_type="gpu"/>', /not understood/, 3],
    ['a rate of no link', '<object type="PCIDev" pci_busid="0:1:0.0" pci_link_speed="0.4"/>', /no link runs at/, 3],
    [
      'an address twice',
      '<object type="PCIDev" pci_busid="0:1:0.0"/><object type="PCIDev" pci_busid="0:1:0.0"/>',
      /twice/,
      3,
    ],
    ['a version to come', '', /version 9/, 1],
  ] as const)('%s: a note with its line', (name, inside, message, line) => {
    const { notes } = readHwloc(inMachine(inside, name === 'a version to come' ? 'version="9.1"' : undefined));
    expect(notes.find((note) => message.test(note.message))?.line).toBe(line);
  });
});

describe('pci_link_speed', () => {
  it.each([
    [15.753846, ['3x16', '4x8', '5x4']],
    [0.25, ['1x1']],
    [31.507692, ['4x16', '5x8']],
    [63.015385, ['5x16']],
    [121, ['6x16', '7x8']],
    [126.030769, ['6x16', '7x8']],
    [0, []],
    [3.3, []],
  ])('%f GB/s', (speed, states) => {
    expect(statesOfLinkSpeed(speed).map(({ generation, lanes }) => `${generation}x${lanes}`)).toEqual(states);
  });
  it('of every state is among the states of its speed', () => {
    for (const generation of generations) {
      for (const lanes of [1, 2, 4, 8, 16] as const) {
        const speed = Number(hwlocLinkSpeed(generation, lanes).toFixed(6));
        expect(statesOfLinkSpeed(speed)).toContainEqual({ generation, lanes });
      }
    }
  });
  it('becomes the widest state that both ends are capable of', () => {
    const rate = { bytesPerSecond: 15.753846e9 };
    expect(stateOfRate(rate, [undefined])).toMatchObject({ generation: 3, lanes: 16 });
    expect(stateOfRate(rate, [{ lanes: 8 }])).toMatchObject({ generation: 4, lanes: 8 });
    expect(stateOfRate(rate, [{ generation: 5, lanes: 4 }])).toMatchObject({ generation: 5, lanes: 4 });
    expect(stateOfRate(rate, [{ generation: 1 }])).toEqual(rate);
    expect(stateOfRate({ ...rate, generation: 4, lanes: 8 }, [])).toMatchObject({ generation: 4, lanes: 8 });
  });
});

describe('sets', () => {
  it.each([
    ['0x00000101', [0, 8]],
    ['0x80000000', [31]],
    ['0x3,,0x1', [0, 64, 65]],
    ['0x0', []],
    ['0xf...f,0x0', null],
    ['nonsense', null],
  ] as const)('%s', (text, numbers) => {
    expect(readSet(text)).toEqual(numbers);
  });
  it('are written as they are read', () => {
    for (const numbers of [[], [0], [31, 32], [5, 77, 200]]) expect(readSet(writeSet(numbers))).toEqual(numbers);
  });
});

const folder = resolve(import.meta.dirname, '../../../../shared/data/machines/hwloc');
const count = (whole: string, shape: RegExp) => whole.match(shape)?.length ?? 0;
describe.skipIf(!existsSync(folder))('hwloc XML of real machines (skipped where the shared data are absent)', () => {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.xml')) : [];
  it.each(files)('%s: functions, bridges, nodes, cores, memory, names', (name) => {
    const whole = readFileSync(resolve(folder, name), 'utf8');
    const machine = readHwloc(whole);
    expect(machine.functions).toHaveLength(count(whole, / pci_busid="/g));
    expect(machine.functions.filter((fn) => fn.buses !== undefined)).toHaveLength(count(whole, /bridge_type="1-1"/g));
    expect(machine.nodes).toHaveLength(count(whole, /<object type="NUMANode"/g));
    expect(machine.nodes.reduce((sum, node) => sum + (node.cores ?? 0), 0)).toBe(count(whole, /<object type="Core"/g));
    const memory = [...whole.matchAll(/local_memory="(\d+)"/g)].reduce((sum, found) => sum + Number(found[1]), 0);
    expect(machine.nodes.reduce((sum, node) => sum + (node.memoryBytes ?? 0), 0)).toBe(memory);
    expect(machine.nodes.reduce((sum, node) => sum + (node.rootBuses?.length ?? 0), 0)).toBe(
      count(whole, /bridge_type="0-1"/g),
    );
    const speeds = [...whole.matchAll(/ pci_link_speed="([\d.]+)"/g)].map((found) => Number(found[1]));
    const read = machine.functions.map(({ link }) => {
      const { generation, lanes, bytesPerSecond = 0 } = link?.current ?? {};
      return generation === undefined || lanes === undefined ? bytesPerSecond / 1e9 : hwlocLinkSpeed(generation, lanes);
    });
    expect(read).toHaveLength(speeds.length);
    read.forEach((speed, at) => {
      expect(speed).toBeCloseTo(speeds[at] ?? -1, 5);
    });
  });
  it('nvidiaDGX2.xml: sixteen GPUs with six switches each', () => {
    const machine = readHwloc(readFileSync(resolve(folder, 'nvidiaDGX2.xml'), 'utf8'));
    const gpus = machine.functions.filter((fn) => fn.names?.some((name) => name.startsWith('nvml')) === true);
    expect(gpus).toHaveLength(16);
    for (const gpu of gpus) {
      expect(machine.connections.filter(({ from, to }) => from === gpu.address || to === gpu.address)).toHaveLength(6);
    }
  });
});

const hasLstopo = spawnSync('lstopo-no-graphics', ['--version']).status === 0;
describe.skipIf(!hasLstopo || !existsSync(folder))(
  'version 1 as the real lstopo writes it (skipped without hwloc, and where the shared data are absent)',
  () => {
    const files = existsSync(folder) ? readdirSync(folder).filter((name) => /^mpibind.*\.xml$/.test(name)) : [];
    it.each(files)('%s: the same functions, nodes and names as in version 2', (name) => {
      const file = resolve(folder, name);
      const exported = execFileSync(
        'lstopo-no-graphics',
        ['--input', file, '--whole-io', '--of', 'xml', '--export-xml-flags', '1'],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      );
      expect(exported).toContain('<topology>');
      const [first, second] = [readHwloc(exported), readHwloc(readFileSync(file, 'utf8'))];
      expect(first.functions).toEqual(second.functions);
      expect(first.nodes).toEqual(second.nodes);
      expect([first.name, first.linux]).toEqual([second.name, second.linux]);
    });
  },
);
