import { describe, expect, test } from 'vitest';
import { UnreadableInput } from '../../formats/observed.ts';
import { readCollected } from '../../formats/sysfs/collected.ts';
import { isWanted } from '../../formats/sysfs/files.ts';
import { readSysfs } from '../../formats/sysfs/read.ts';
import { linkPrefix, readTar } from '../../formats/sysfs/tar.ts';
import { bytesOfText } from '../../formats/sysfs/text.ts';

/** Files by path from short texts; a text that begins with `->` is a symbolic link. */
function tree(files: Readonly<Record<string, string>>): ReadonlyMap<string, Uint8Array> {
  return new Map(
    Object.entries(files).map(([path, text]) => [
      path,
      bytesOfText(text.startsWith('->') ? linkPrefix + text.slice(2).trim() : text),
    ]),
  );
}

const inside = (folder: string, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

const rootPort = 'sys/devices/pci0000:00/0000:00:01.1';
const gpu = `${rootPort}/0000:01:00.0`;
const nic = 'sys/devices/pci0000:40/0000:40:03.1/0000:41:00.0';
const resources = (lines: Readonly<Record<number, string>>, count: number) =>
  Array.from(
    { length: count },
    (_, at) => lines[at] ?? '0x0000000000000000 0x0000000000000000 0x0000000000000000',
  ).join('\n');

const machine = {
  ...inside(rootPort, {
    vendor: '0x1022\n',
    device: '0x1483\n',
    class: '0x060400\n',
    current_link_speed: '16.0 GT/s PCIe\n',
    current_link_width: '16\n',
    max_link_speed: '16.0 GT/s PCIe\n',
    max_link_width: '16\n',
    secondary_bus_number: '1\n',
    subordinate_bus_number: '1\n',
    numa_node: '0\n',
    resource: resources({ 14: '0x00000000f0000000 0x00000000f1ffffff 0x0000000000000200' }, 17),
    '0000:00:01.1:pcie010/uevent': '',
  }),
  ...inside(gpu, {
    vendor: '0x10de\n',
    device: '0x20b5\n',
    subsystem_vendor: '0x10de\n',
    subsystem_device: '0x1533\n',
    class: '0x030200\n',
    revision: '0xa1\n',
    current_link_speed: '2.5 GT/s PCIe\n',
    current_link_width: '16\n',
    max_link_speed: '16.0 GT/s PCIe\n',
    max_link_width: '16\n',
    numa_node: '0\n',
    driver: '-> ../../../../bus/pci/drivers/nvidia',
    iommu_group: '-> ../../../../kernel/iommu_groups/17',
    resource: resources(
      {
        0: '0x00000000f0000000 0x00000000f0ffffff 0x0000000000040200',
        1: '0x0000012000000000 0x0000013fffffffff 0x000000000014220c',
        3: '0x0000014000000000 0x0000014001ffffff 0x000000000014220c',
        6: '0x00000000f1000000 0x00000000f107ffff 0x0000000000046200',
      },
      13,
    ),
    resource1_resize: '000000000001ffc0\n',
    'drm/card1/uevent': '',
    'drm/renderD128/uevent': '',
  }),
  ...inside('sys/devices/pci0000:40/0000:40:03.1', {
    vendor: '0x1022',
    device: '0x1483',
    class: '0x060400',
    secondary_bus_number: '65',
    subordinate_bus_number: '65',
    numa_node: '1',
  }),
  ...inside(nic, {
    uevent: 'DRIVER=mlx5_core\nPCI_CLASS=20700\nPCI_ID=15B3:101B\n',
    max_link_speed: '16.0 GT/s PCIe',
    max_link_width: '16',
    current_link_speed: 'Unknown',
    current_link_width: '0',
    numa_node: '1',
    sriov_totalvfs: '8',
    sriov_numvfs: '1',
    sriov_offset: '1',
    sriov_stride: '1',
    sriov_vf_device: '101c',
    resource: resources(
      {
        0: '0x0000016800000000 0x0000016801ffffff 0x000000000014220c',
        7: '0x0000016802000000 0x00000168027fffff 0x000000000014220c',
      },
      13,
    ),
    'infiniband/mlx5_0/node_guid': '',
    'net/ib0/address': '',
    virtfn0: '-> ../0000:41:00.1',
  }),
  ...inside('sys/devices/pci0000:40/0000:40:03.1/0000:41:00.1', {
    uevent: 'PCI_CLASS=20700\nPCI_ID=15B3:101C\n',
    physfn: '-> ../0000:41:00.0',
  }),
  'sys/devices/system/node/node0/cpulist': '0-1,4-5\n',
  'sys/devices/system/node/node0/meminfo': 'Node 0 MemTotal:       1048576 kB\n',
  'sys/devices/system/node/node1/cpulist': '2-3,6-7\n',
  ...Object.fromEntries(
    [0, 1, 2, 3, 4, 5, 6, 7].flatMap((cpu) => [
      [`sys/devices/system/cpu/cpu${cpu}/topology/core_id`, `${cpu % 4}`],
      [`sys/devices/system/cpu/cpu${cpu}/topology/physical_package_id`, `${cpu % 4 < 2 ? 0 : 1}`],
    ]),
  ),
  'proc/cpuinfo':
    'processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: AMD EPYC 7763 64-Core Processor\n',
  'proc/version': 'Linux version 6.8.0-45-generic (somebody) #45 SMP\n',
  'proc/cmdline': 'root=/dev/sda1 iommu=pt pci=pcie_bus_perf\n',
  'sys/kernel/iommu_groups/17/type': 'identity\n',
};

describe('files of sysfs', () => {
  const read = readSysfs(tree(machine));
  const at = (address: string) => read.functions.find((one) => one.address === address);

  test('hierarchy by the paths', () => {
    expect(read.functions.map((one) => [one.address, one.parent])).toEqual([
      ['0000:00:01.1', null],
      ['0000:01:00.0', '0000:00:01.1'],
      ['0000:40:03.1', null],
      ['0000:41:00.0', '0000:40:03.1'],
      ['0000:41:00.1', '0000:40:03.1'],
    ]);
  });
  test('identity, link, driver, group, node', () => {
    expect(at('0000:01:00.0')).toMatchObject({
      vendorId: 0x10de,
      deviceId: 0x20b5,
      subsystemVendorId: 0x10de,
      subsystemDeviceId: 0x1533,
      classCode: 0x030200,
      isInterfaceKnown: true,
      revision: 0xa1,
      link: { current: { generation: 1, lanes: 16 }, capable: { generation: 4, lanes: 16 } },
      driver: 'nvidia',
      iommuGroup: 17,
      numaNode: 0,
      names: ['card1'],
    });
  });
  test('BARs with their sizes; sizes that one may have; the ROM', () => {
    expect(at('0000:01:00.0')?.bars).toEqual([
      { index: 0, kind: 'memory32', prefetchable: false, bytes: 2 ** 24, address: 0xf0000000n },
      {
        index: 1,
        kind: 'memory64',
        prefetchable: true,
        bytes: 2 ** 37,
        address: 0x12000000000n,
        resizable: { minimumBytes: 2 ** 26, maximumBytes: 2 ** 36 },
      },
      { index: 3, kind: 'memory64', prefetchable: true, bytes: 2 ** 25, address: 0x14000000000n },
      { index: 6, kind: 'rom', prefetchable: false, bytes: 2 ** 19, address: 0xf1000000n },
    ]);
  });
  test('what port a bridge is, by the names of its services; its buses and windows', () => {
    expect(at('0000:00:01.1')).toMatchObject({
      role: 'root-port',
      buses: { primary: 0, secondary: 1, subordinate: 1 },
      windows: { io: null, memory: { start: 0xf0000000n, end: 0xf1ffffffn }, prefetchable: null },
    });
    expect(at('0000:40:03.1')?.role).toBeUndefined();
    expect(read.notes.map((note) => note.message)).toEqual([
      'what kind of port 1 bridges are is not in these files: gather `config` as root',
    ]);
  });
  test('virtual functions', () => {
    expect(at('0000:41:00.0')).toMatchObject({
      vendorId: 0x15b3,
      classCode: 0x020700,
      driver: 'mlx5_core',
      link: { current: {}, capable: { generation: 4, lanes: 16 } },
      names: ['ib0', 'mlx5_0'],
      sriov: {
        totalVfs: 8,
        enabledVfs: 1,
        vfOffset: 1,
        vfStride: 1,
        vfDeviceId: 0x101c,
        bars: [{ index: 0, kind: 'memory64', prefetchable: true, bytes: 2 ** 20, address: 0x16802000000n }],
      },
    });
    expect(at('0000:41:00.1')?.physicalFunction).toBe('0000:41:00.0');
  });
  test('nodes, processors, kernel', () => {
    expect(read.nodes).toEqual([
      {
        id: 0,
        package: 0,
        memoryBytes: 2 ** 30,
        cores: 2,
        cpuVendor: 'amd',
        cpuFamily: 25,
        cpuModel: 1,
        cpuName: 'AMD EPYC 7763 64-Core Processor',
      },
      {
        id: 1,
        package: 1,
        cores: 2,
        cpuVendor: 'amd',
        cpuFamily: 25,
        cpuModel: 1,
        cpuName: 'AMD EPYC 7763 64-Core Processor',
      },
    ]);
    expect(read.linux).toEqual({
      version: '6.8.0-45-generic',
      iommu: 'passthrough',
      commandLine: 'root=/dev/sda1 iommu=pt pci=pcie_bus_perf',
    });
  });
  test('folders that were copied from behind links: by bus numbers', () => {
    const flat = Object.fromEntries(
      Object.entries(machine).map(([path, text]) => [
        path.replace(/^.*\/(?=[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\/)/, 'bus/pci/devices/'),
        text,
      ]),
    );
    const again = readSysfs(tree(flat));
    expect(again.functions.map((one) => [one.address, one.parent ?? null])).toEqual(
      read.functions.map((one) => [one.address, one.parent ?? null]),
    );
  });
  test('names from links of classes', () => {
    const named = readSysfs(
      tree({
        [`${nic}/vendor`]: '0x15b3',
        [`${nic}/device`]: '0x101b',
        'sys/class/net/ens1f0': '-> ../../devices/pci0000:40/0000:40:03.1/0000:41:00.0/net/ens1f0',
      }),
    );
    expect(named.functions[0]?.names).toEqual(['ens1f0']);
  });
  test('a host bridge inside a device (Intel VMD)', () => {
    const drive = 'sys/devices/pci0000:5d/0000:5d:05.5/pci10000:00/10000:00:02.0/10000:01:00.0';
    const vmd = readSysfs(
      tree({
        'sys/devices/pci0000:5d/0000:5d:05.5/class': '0x010400',
        'sys/devices/pci0000:5d/0000:5d:05.5/pci10000:00/10000:00:02.0/class': '0x060400',
        [`${drive}/class`]: '0x010802',
      }),
    );
    expect(vmd.functions.map((one) => [one.address, one.parent])).toEqual([
      ['0000:5d:05.5', null],
      ['10000:00:02.0', null],
      ['10000:01:00.0', '10000:00:02.0'],
    ]);
  });
  test('no PCI function in it', () => {
    expect(() => readSysfs(tree({ 'etc/passwd': 'root' }))).toThrow(UnreadableInput);
  });
});

describe('which files a live tree is asked for', () => {
  test.each([
    ['sys/devices/pci0000:00/0000:00:01.1/config', true],
    ['sys/devices/pci0000:00/0000:00:01.1/resource', true],
    ['sys/devices/pci0000:00/0000:00:01.1/resource0', false],
    ['sys/devices/pci0000:00/0000:00:01.1/remove', false],
    ['sys/devices/pci0000:00/0000:00:01.1/rom', false],
    ['sys/devices/pci0000:00/0000:00:01.1/resource1_resize', true],
    ['sys/devices/system/node/node0/meminfo', true],
    ['proc/cpuinfo', true],
    ['proc/kcore', false],
  ])('%s: %s', (path, wanted) => {
    expect(isWanted(path)).toBe(wanted);
  });
});

describe('tar archives', () => {
  /** One header of 512 bytes, and the body in whole blocks. */
  function entry(name: string, body: string, type = '0', link = ''): Uint8Array {
    const header = new Uint8Array(512);
    const put = (at: number, text: string) => header.set(bytesOfText(text), at);
    put(0, name.slice(0, 100));
    put(100, '0000644\0');
    put(124, `${body.length.toString(8).padStart(11, '0')}\0`);
    header[156] = type.charCodeAt(0);
    put(157, link);
    put(257, 'ustar\u000000');
    put(148, '        ');
    const sum = header.reduce((total, byte) => total + byte, 0);
    put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
    const padded = new Uint8Array(Math.ceil(body.length / 512) * 512);
    padded.set(bytesOfText(body));
    return Uint8Array.from([...header, ...padded]);
  }
  const archive = (...entries: readonly Uint8Array[]) =>
    Uint8Array.from([...entries.flatMap((one) => [...one]), ...new Uint8Array(1024)]);
  const textAt = (files: ReadonlyMap<string, Uint8Array>, path: string) =>
    String.fromCharCode(...(files.get(path) ?? []));

  test('files, links, long names of GNU and of pax', () => {
    const long = `a/${'x'.repeat(120)}/config`;
    const record = `path=${long}\n`;
    const files = readTar(
      archive(
        entry('./sys/vendor', '0x10de\n'),
        entry('sys/empty', ''),
        entry('sys/', '', '5'),
        entry('sys/driver', '', '2', '../../bus/pci/drivers/nvme'),
        entry('././@LongLink', `${long}\0`, 'L'),
        entry(long.slice(0, 100), 'gnu'),
        entry('pax', `${String(record.length + 4)} ${record}`, 'x'),
        entry('short', 'pax'),
      ),
    );
    expect([...files.keys()]).toEqual(['sys/vendor', 'sys/empty', 'sys/driver', long]);
    expect(textAt(files, 'sys/vendor')).toBe('0x10de\n');
    expect(textAt(files, 'sys/driver')).toBe(`${linkPrefix}../../bus/pci/drivers/nvme`);
    expect(textAt(files, long)).toBe('pax');
  });
  test.each([
    ['no archive', bytesOfText('hello'.repeat(200)), /no tar archive/],
    ['an archive that ends too early', archive(entry('a', 'x'.repeat(2000))).subarray(0, 1024), /ends inside/],
    ['an empty one', new Uint8Array(1024), /no files/],
  ] as const)('%s', (_name, bytes, message) => {
    expect(() => readTar(bytes)).toThrow(message);
  });
});

describe('output of programs that the collector has put beside the files', () => {
  const listing = '0000:01:00.0 3D controller [0302]: NVIDIA Corporation GA100 [A100 PCIe 80GB] [10de:20b5] (rev a1)\n';

  test('gives names', () => {
    const { formats, functions, notes } = readCollected(tree({ ...machine, 'programs/lspci-vvv.txt': listing }));
    expect(formats).toEqual(['sysfs', 'lspci']);
    expect(functions.find(({ address }) => address === '0000:01:00.0')?.deviceName).toContain('A100 PCIe 80GB');
    expect(functions).toHaveLength(readSysfs(tree(machine)).functions.length);
    expect(notes).toEqual(readSysfs(tree(machine)).notes);
  });

  test('is left out with a note where it cannot be read, and without one where there is none', () => {
    const broken = readCollected(tree({ ...machine, 'a/programs/lspci-vvv.txt': 'lspci: Cannot find any device\n' }));
    expect(broken.functions).toEqual(readSysfs(tree(machine)).functions);
    expect(broken.notes.at(-1)?.message).toMatch(/^programs\/lspci-vvv\.txt:1: left out: /);
    expect(readCollected(tree({ ...machine, 'programs/lspci-vvv.txt': '' }))).toEqual(readSysfs(tree(machine)));
  });

  test('is looked for in a folder too', () => {
    expect(isWanted('copy/programs/lspci-vvv.txt')).toBe(true);
    expect(isWanted('copy/programs/other.txt')).toBe(false);
  });
});
