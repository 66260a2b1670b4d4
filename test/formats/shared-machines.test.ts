import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readTree } from '../../cli/unpack.ts';
import { readHwloc } from '../../formats/hwloc/read.ts';
import { readLspci } from '../../formats/lspci/read.ts';
import { readNccl } from '../../formats/nccl/read.ts';
import { readNvidiaSmi } from '../../formats/nvidia-smi/read.ts';
import { machineFrom } from '../../formats/observed/machine.ts';
import { mergeObserved } from '../../formats/observed/merge.ts';
import type { PartIndex } from '../../formats/observed/parts.ts';
import type { ObservedMachine } from '../../formats/observed.ts';
import { readSysfs } from '../../formats/sysfs/read.ts';
import { printMachine } from '../../language/print.ts';
import type { Machine } from '../../model/machine.ts';
import { distanceClass } from '../../model/peer/distance-class.ts';
import { addressesOf, catalogueParts, plain, readText } from './harness.ts';

const folder = resolve(import.meta.dirname, '../../../shared/data/machines');
const text = (name: string) => readFileSync(resolve(folder, name), 'utf8');
const readers: Readonly<Record<string, (name: string) => ObservedMachine>> = {
  lspci: (name) => readLspci(text(name)),
  perlmutter: (name) => (name.endsWith('.xml') ? readNccl(text(name)) : readLspci(text(name))),
  hwloc: (name) => (name.endsWith('.xml') ? readHwloc(text(name)) : readSysfs(readTree(resolve(folder, name)))),
  nccl: (name) => readNccl(text(name)),
  rccl: (name) => readNccl(text(name)),
};
const read = (name: string): ObservedMachine => {
  const reader = readers[name.split('/')[0] ?? ''];
  if (reader === undefined) throw new Error(name);
  return reader(name);
};

const names = [
  'lspci/tree-asus-p6t6',
  'lspci/cap-exp-lnkcap2',
  'perlmutter/lspci_tv.txt',
  'perlmutter/nccl_topo.xml',
  'hwloc/32intel64-2p8co2t+8ve.tar.bz2',
  'hwloc/16intel64-manyVFs.xml',
  'hwloc/mpibind-coral-lassen.xml',
  'hwloc/mpibind-epyc-corona.xml',
  'hwloc/mpibind-g4dnmetal.xml',
  'hwloc/nvidiaDGX2.xml',
  'nccl/ndv4-topo.xml',
  'nccl/ndv5-topo.xml',
  'nccl/oci-H100-topology.xml',
  'nccl/p4d-24xl-topo.xml',
  'rccl/topo_4p3l.xml',
  'rccl/topo_8p1h.xml',
  'rccl/topo_8p_pcie_2nic.xml',
];
const count = (whole: string, shape: RegExp) => whole.match(shape)?.length ?? 0;
const ofKind = (machine: Machine, ...kinds: readonly string[]) =>
  machine.components.filter((one) => kinds.includes(one.kind)).length;

let parts: PartIndex = [];
beforeAll(async () => {
  parts = await catalogueParts();
});
const imported = (observed: ObservedMachine) => machineFrom(observed, { name: 'm', parts });

describe.skipIf(!existsSync(folder))('real machines (skipped where the shared data are absent)', () => {
  test.each(names)('%s: the printed text has no errors, is formatted, and is the same machine', async (name) => {
    const { machine, descriptions } = imported(read(name));
    const printed = printMachine(machine, { parts, descriptions });
    const again = await readText(printed);
    expect(again.errors).toEqual([]);
    expect(again.formatted).toBe(printed);
    expect(again.machine === undefined ? null : plain(again.machine)).toEqual(plain(machine));
  });
  test.each(names.filter((name) => !/ccl/.test(name)))('%s: every function keeps its address', (name) => {
    const observed = read(name);
    const physical = observed.functions.filter((one) => one.physicalFunction === undefined);
    expect(addressesOf(imported(observed).machine)).toEqual(physical.map((one) => one.address).sort());
  });

  /** Figures by regular expressions of their own, beside what the readers find. */
  test.each(names.filter((name) => name.startsWith('lspci')))('%s: functions, bridges, widths and speeds', (name) => {
    const whole = text(name);
    const blocks = whole.split(/\n(?=[0-9a-f]{2}:[0-9a-f]{2}\.[0-7] )/);
    const bytesOf = (block: string) => {
      const bytes: number[] = [];
      for (const line of block.matchAll(/^([0-9a-f]{2,3}): ((?:[0-9a-f]{2} ?){16})$/gm)) {
        (line[2] ?? '')
          .trim()
          .split(' ')
          .forEach((digits, at) => {
            bytes[Number.parseInt(line[1] ?? '', 16) + at] = Number.parseInt(digits, 16);
          });
      }
      return bytes;
    };
    const dumps = blocks.map(bytesOf);
    const { functions } = read(name);
    expect(functions).toHaveLength(blocks.length);
    expect(functions.filter((one) => one.buses !== undefined)).toHaveLength(
      dumps.filter((bytes) => ((bytes[0x0e] ?? 0) & 0x7f) === 1).length,
    );
    const express = dumps.map((bytes) => {
      let at = bytes[0x34] ?? 0;
      for (let steps = 0; at !== 0 && steps < 48; steps++) {
        if (bytes[at] === 0x10) return at;
        at = bytes[at + 1] ?? 0;
      }
      return 0;
    });
    const widths = dumps.map((bytes, index) => {
      const at = express[index] ?? 0;
      return at === 0 || ((bytes[at + 2] ?? 0) & 0xf0) === 0x90
        ? undefined
        : (((bytes[at + 0x12] ?? 0) | ((bytes[at + 0x13] ?? 0) << 8)) >> 4) & 0x3f;
    });
    expect(functions.map((one) => one.link?.current?.lanes ?? 0)).toEqual(widths.map((width) => width ?? 0));
    const speeds = dumps.map((bytes, index) => {
      const at = express[index] ?? 0;
      return at === 0 || ((bytes[at + 2] ?? 0) & 0xf0) === 0x90 ? 0 : (bytes[at + 0x0c] ?? 0) & 0xf;
    });
    expect(functions.map((one) => one.link?.capable?.generation ?? 0)).toEqual(speeds);
  });
  test('perlmutter/lspci_tv.txt: functions, bridges, root buses, GPUs', () => {
    const whole = text('perlmutter/lspci_tv.txt');
    const observed = readLspci(whole);
    const { machine } = imported(observed);
    expect(observed.functions).toHaveLength(count(whole, /(?<=[-+\\]-)[0-9a-f]{2}\.[0-7]/g));
    expect(ofKind(machine, 'root-port', 'switch', 'port', 'bridge')).toBe(count(whole, /[0-9a-f]{2}\.[0-7]-\[/g));
    expect(ofKind(machine, 'socket')).toBe(count(whole, /\[0000:[0-9a-f]{2}\]/g));
    expect(ofKind(machine, 'gpu')).toBe(count(whole, /A100 SXM4/g));
  });
  test('the gathered sysfs: functions, bridges, widths, nodes', () => {
    const files = readTree(resolve(folder, 'hwloc/32intel64-2p8co2t+8ve.tar.bz2'));
    const paths = [...files.keys()].filter((path) => /\/devices\/pci.*[0-9a-f]\.[0-7]\/class$/.test(path));
    const say = (path: string) => String.fromCharCode(...(files.get(path) ?? [])).trim();
    const observed = readSysfs(files);
    expect(observed.functions).toHaveLength(paths.length);
    expect(observed.functions.filter((one) => one.buses !== undefined)).toHaveLength(
      paths.filter((path) => say(path).startsWith('0x0604')).length,
    );
    const wide = paths.filter((path) => say(path.replace(/class$/, 'current_link_width')) === '16').length;
    expect(observed.functions.filter((one) => one.link?.current?.lanes === 16)).toHaveLength(wide);
    expect(observed.nodes.map((node) => node.id)).toEqual([0, 1]);
  });
  test.each(names.filter((name) => name.endsWith('.xml') && name.startsWith('hwloc')))(
    '%s: functions, bridges, host bridges and nodes',
    (name) => {
      const whole = text(name);
      const { machine } = imported(read(name));
      expect(ofKind(machine, 'root-port', 'switch', 'port', 'bridge')).toBe(count(whole, /bridge_type="1-1"/g));
      expect(addressesOf(machine)).toHaveLength(count(whole, /pci_busid="/g));
      const nodes = new Set([...whole.matchAll(/<object type="NUMANode" os_index="(\d+)"/g)].map((found) => found[1]));
      const said = new Set(machine.components.map((one) => one.settings.numaNode).filter((node) => node !== undefined));
      expect(said.size).toBeGreaterThanOrEqual(Math.min(nodes.size, 1));
      for (const node of said) expect([...nodes]).toContain(String(node));
    },
  );
  test.each(names.filter((name) => name.endsWith('.xml') && !name.startsWith('hwloc')))(
    '%s: GPUs, NICs, switches, nodes',
    (name) => {
      const whole = text(name);
      const { machine } = imported(read(name));
      expect(ofKind(machine, 'gpu')).toBe(count(whole, /<pci\b[^>]* class="0x(?:03|12)/g));
      expect(ofKind(machine, 'nic')).toBe(count(whole, /<pci\b[^>]* class="0x02/g));
      expect(ofKind(machine, 'switch')).toBe(count(whole, /<pci\b[^>]* class="0x0604/g));
      expect(ofKind(machine, 'socket')).toBe(count(whole, /<cpu\b/g));
    },
  );
  test('one machine by three tools: distances as nvidia-smi has them', () => {
    const observed = mergeObserved([
      readLspci(text('perlmutter/lspci_tv.txt')),
      readNccl(text('perlmutter/nccl_topo.xml')),
      readNvidiaSmi(text('perlmutter/topo_m.txt')),
    ]);
    const { machine } = imported(observed);
    const labelled = (label: string) => machine.components.find((one) => one.label === label)?.id ?? -1;
    for (const row of text('perlmutter/topo_m.txt').matchAll(/^GPU(\d)\t(.*)$/gm)) {
      (row[2] ?? '')
        .split('\t')
        .slice(0, 4)
        .forEach((cell, at) => {
          const classes = distanceClass(machine, labelled(`gpu${row[1]}`), labelled(`gpu${at}`));
          expect(classes).toBe(cell.trim());
        });
      const node = (row[2] ?? '').split('\t')[5];
      const socket = machine.components.find((one) => one.label === `gpu${row[1]}`)?.name.split('.')[0] ?? '';
      expect(machine.components.find((one) => one.name === socket)?.settings.numaNode).toBe(Number(node));
    }
  });
});
