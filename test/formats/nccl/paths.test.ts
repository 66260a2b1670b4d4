import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLspci } from '../../../formats/lspci/read.ts';
import { readNccl } from '../../../formats/nccl/read.ts';
import { readMatrix } from '../../../formats/nvidia-smi/read.ts';
import { machineFrom } from '../../../formats/observed/machine.ts';
import { mergeObserved } from '../../../formats/observed/merge.ts';
import { distanceClass, pcieClass } from '../../../model/peer/distance-class.ts';
import { ncclPathType } from '../../../model/peer/nccl-path.ts';

/** A `<pci>` of the file by regular expressions alone, with those around it from the outermost in. */
interface Place {
  readonly address: string;
  readonly class: string;
  /** Vendor, device, subsystem vendor, subsystem device. */
  readonly ids: readonly number[];
  readonly node: string;
  readonly around: readonly Place[];
  readonly links: Set<string>;
}

function placesOf(xml: string): Place[] {
  const places: Place[] = [];
  const open: Place[] = [];
  let node = '';
  for (const [tag] of xml.replace(/<!--[\s\S]*?-->/g, '').matchAll(/<\/?(?:cpu|pci|nvlink|xgmi)\b[^>]*>/g)) {
    const say = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
    if (tag.startsWith('</pci')) open.pop();
    else if (tag.startsWith('<cpu')) node = say('numaid');
    else if (/^<(?:nvlink|xgmi)/.test(tag)) open.at(-1)?.links.add(say('target'));
    else if (tag.startsWith('<pci')) {
      const place: Place = {
        address: say('busid'),
        class: say('class'),
        ids: ['vendor', 'device', 'subsystem_vendor', 'subsystem_device'].map((name) => Number(say(name) || '0')),
        node,
        around: [...open],
        links: new Set(),
      };
      places.push(place);
      if (!tag.endsWith('/>')) open.push(place);
    }
  }
  return places;
}

/** The switch that counts for a place: the upper level where NCCL takes two levels of a Broadcom switch for one. */
function switchesAbove(place: Place): string[] {
  const names: string[] = [];
  for (const [at, one] of place.around.entries()) {
    const above = place.around[at - 1];
    const isSecond = (level: number) =>
      one.ids[0] === 0x1000 && one.ids[2] === 0x1000 && Math.floor((one.ids[3] ?? 0) / 0x1000) === level;
    const isFirst = (level: number) =>
      above?.ids[1] === one.ids[1] && above?.ids[2] === 0x1000 && Math.floor((above?.ids[3] ?? 0) / 0x1000) === level;
    const isFused =
      (one.ids[1] === 0xc010 && isSecond(0xa) && isFirst(0xa)) || (one.ids[1] === 0xc030 && isSecond(1) && isFirst(0));
    if (!isFused) names.push(one.address);
  }
  return names;
}

function expected(a: Place, b: Place, gpus: ReadonlySet<string>): string {
  const isSwitch = (target: string) => !gpus.has(target);
  if ([...a.links].some((target) => target === b.address || (isSwitch(target) && b.links.has(target)))) return 'NVL';
  const [up, down] = [switchesAbove(a), switchesAbove(b)];
  if (up.length > 0 && up[0] === down[0]) return String(up) === String(down) ? 'PIX' : 'PXB';
  return a.node === b.node ? 'PHB' : 'SYS';
}

const folder = resolve(import.meta.dirname, '../../../../shared/data/machines');
const files = ['nccl', 'rccl'].flatMap((name) =>
  existsSync(resolve(folder, name)) ? readdirSync(resolve(folder, name)).map((file) => `${name}/${file}`) : [],
);

describe.skipIf(files.length === 0)('path types of NCCL (skipped where the shared data are absent)', () => {
  it.each([...files, 'perlmutter/nccl_topo.xml'])('%s: every pair of GPUs and NICs', (name) => {
    const xml = readFileSync(resolve(folder, name), 'utf8');
    const { machine, componentOf } = machineFrom(readNccl(xml), { name: 'm' });
    const devices = placesOf(xml).filter((place) => /^0x0[23]/.test(place.class));
    expect(devices.length).toBeGreaterThan(1);
    const gpus = new Set(devices.map((place) => place.address));
    const found: string[] = [];
    const wanted: string[] = [];
    for (const a of devices) {
      for (const b of devices) {
        if (a === b) continue;
        const [from, to] = [componentOf.get(a.address) ?? -1, componentOf.get(b.address) ?? -1];
        found.push(`${a.address} ${b.address} ${ncclPathType(machine, from, to)}`);
        wanted.push(`${a.address} ${b.address} ${expected(a, b, gpus)}`);
      }
    }
    expect(found).toEqual(wanted);
  });

  it('oci-H100-topology.xml: PIX for NCCL where nvidia-smi counts two bridges', () => {
    const xml = readFileSync(resolve(folder, 'nccl/oci-H100-topology.xml'), 'utf8');
    const { machine, componentOf } = machineFrom(readNccl(xml), { name: 'm' });
    const gpu = componentOf.get('0000:0f:00.0') ?? -1;
    const nic = componentOf.get('0000:0c:00.0') ?? -1;
    expect([ncclPathType(machine, gpu, nic), distanceClass(machine, gpu, nic)]).toEqual(['PIX', 'PXB']);
  });

  it('perlmutter: the matrix of nvidia-smi, by its own lspci and NCCL files', () => {
    const text = (name: string) => readFileSync(resolve(folder, 'perlmutter', name), 'utf8');
    const { machine, componentOf } = machineFrom(
      mergeObserved([readLspci(text('lspci_tv.txt')), readNccl(text('nccl_topo.xml'))]),
      { name: 'm' },
    );
    // GPU0 to GPU3 by NVML's numbers, which the NCCL file has.
    const gpus = [...text('nccl_topo.xml').matchAll(/busid="([^"]+)"[^>]*>\s*<gpu dev="(\d)"/g)]
      .sort((a, b) => Number(a[2]) - Number(b[2]))
      .map((found) => componentOf.get(found[1] ?? '') ?? -1);
    const { classes, devices } = readMatrix(text('topo_m.txt'));
    expect(devices.map((device) => device.label)).toEqual(gpus.map((_, at) => `GPU${at}`));
    expect(gpus.map((a) => gpus.map((b) => distanceClass(machine, a, b)))).toEqual(classes);
    // Without NVLink they would be apart: a NUMA node of its own each.
    expect(gpus.map((a) => pcieClass(machine, a, gpus[0] ?? -1))).toEqual(['X', 'SYS', 'SYS', 'SYS']);
    const nodes = devices.map((device) => device.numaAffinity?.[0]);
    const socketOf = (id: number) => machine.components[id]?.name.split('.')[0];
    expect(gpus.map((id) => machine.components.find((one) => one.name === socketOf(id))?.settings.numaNode)).toEqual(
      nodes,
    );
    for (const line of text('numa.txt').matchAll(/^(\S+) class=\S+ numa=(\d)$/gm)) {
      const socket = socketOf(componentOf.get(line[1] ?? '') ?? -1);
      expect(machine.components.find((one) => one.name === socket)?.settings.numaNode).toBe(Number(line[2]));
    }
  });
});
