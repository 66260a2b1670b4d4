import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machineFunctions } from '../../../formats/machine-functions.ts';
import { readNccl } from '../../../formats/nccl/read.ts';
import { writeNccl } from '../../../formats/nccl/write.ts';
import { machineFrom } from '../../../formats/observed/machine.ts';
import { readXml, type XmlElement } from '../../../formats/xml/read.ts';
import { componentAt, type Machine } from '../../../model/machine.ts';
import { ncclPathType } from '../../../model/peer/nccl-path.ts';
import { type Sketch, sketchMachine } from '../../model/draft.ts';
import { randomMachine } from '../../model/space/random-machine.ts';
import { exampleFiles, machinesOf } from '../examples.ts';

/** GPUs and NICs are there with their links, and the switches above them, each once. */
function expectSame(machine: Machine): void {
  const { all, ofComponent } = machineFunctions(machine);
  const back = readNccl(writeNccl(machine).text);
  const byAddress = new Map(back.functions.map((fn) => [fn.address, fn]));
  const shown = all.filter((fn) => fn.isFirst && (fn.component.kind === 'gpu' || fn.component.kind === 'nic'));
  const switches = new Set<string>();
  for (const fn of shown) {
    const read = byAddress.get(fn.address);
    expect(read).toBeDefined();
    const link = machine.links[machine.linkAbove[fn.component.id] ?? -1];
    expect(read?.link?.capable).toEqual(
      link === undefined ? undefined : { generation: link.capable.generation, lanes: link.capable.lanes },
    );
    for (let id = fn.component.parent; id !== null; id = componentAt(machine, id).parent) {
      const address = componentAt(machine, id).kind === 'switch' ? ofComponent.get(id)?.address : undefined;
      if (address !== undefined) switches.add(address);
    }
  }
  const others = [...byAddress.keys()].filter((address) => !shown.some((fn) => fn.address === address));
  expect(new Set(others)).toEqual(new Set([...switches]));
}

describe('writing NCCL XML', () => {
  it.each(exampleFiles)('%s is read back as it was', async (file) => {
    for (const machine of await machinesOf(file)) expectSame(machine);
  });
  it('any machine is read back as it was', () => {
    fc.assert(fc.property(randomMachine, expectSame), { numRuns: 60, seed: 23 });
  });
  it.each(exampleFiles)('%s: the path types of NCCL are the same on what is read back', async (file) => {
    for (const machine of await machinesOf(file)) {
      const back = machineFrom(readNccl(writeNccl(machine).text), { name: 'm' });
      const { ofComponent } = machineFunctions(machine);
      const devices = machine.components.filter(
        ({ id, kind }) => (kind === 'gpu' || kind === 'nic') && ofComponent.has(id),
      );
      const there = (id: number) => back.componentOf.get(ofComponent.get(id)?.address ?? '') ?? -1;
      for (const a of devices) {
        for (const b of devices) {
          const type = ncclPathType(machine, a.id, b.id);
          if (a.id === b.id) continue;
          expect(`${a.name} ${b.name} ${ncclPathType(back.machine, there(a.id), there(b.id))}`).toBe(
            `${a.name} ${b.name} ${type}`,
          );
        }
      }
    }
  });
  it('has all that NCCL insists on', async () => {
    for (const file of exampleFiles) {
      for (const machine of await machinesOf(file)) {
        const root = readXml(writeNccl(machine).text);
        expect([root.name, root.attributes.get('version')]).toEqual(['system', '1']);
        const devs = new Set<string>();
        const visit = (element: XmlElement): void => {
          const needed =
            {
              cpu: ['numaid', 'arch'],
              pci: ['busid', 'class', 'link_speed', 'link_width'],
              gpu: ['dev', 'rank', 'gdr'],
              net: ['name', 'dev', 'port'],
              nvlink: ['target', 'count', 'tclass'],
            }[element.name] ?? [];
          for (const name of needed) expect(element.attributes.has(name)).toBe(true);
          if (element.attributes.get('vendor') === 'GenuineIntel') expect(element.attributes.has('modelid')).toBe(true);
          if (element.name === 'net' || element.name === 'gpu') {
            const key = `${element.name} ${element.attributes.get('dev') ?? ''}`;
            expect(devs.has(key)).toBe(false);
            devs.add(key);
          }
          element.children.forEach(visit);
        };
        visit(root);
      }
    }
  });
  it('puts what hangs off a socket on the node that it says itself', () => {
    const gpu = (label: string, numaNode?: number): Sketch => ({
      kind: 'gpu',
      label,
      settings: numaNode === undefined ? {} : { numaNode },
    });
    const machine = sketchMachine([
      {
        kind: 'socket',
        label: 'cpu0',
        settings: { cpuVendor: 'amd', cpuFamily: 25, numaNode: 0 },
        children: [
          { kind: 'root-port', label: 'rp0', children: [gpu('gpu0')] },
          { kind: 'root-port', label: 'rp1', settings: { numaNode: 1 }, children: [gpu('gpu1')] },
          { kind: 'root-port', label: 'rp2', children: [gpu('gpu2', 3)] },
        ],
      },
    ]);
    const back = readNccl(writeNccl(machine).text);
    expect(back.functions.map(({ numaNode }) => numaNode)).toEqual([0, 1, 3]);
    expect(back.nodes).toEqual([0, 1, 3].map((id) => ({ id, cpuVendor: 'amd', cpuFamily: 25 })));
  });
  it('joins GPUs through switches that no address is known of as NCCL names them', async () => {
    const [machine] = await machinesOf('dgx-a100.pcie');
    if (machine === undefined) throw new Error('no machine');
    const { text } = writeNccl(machine);
    expect(text.match(/<nvlink target="fffffff:ffff:ff" count="12" tclass="0x068000"\/>/g)).toHaveLength(8);
    expect(text).toContain('vendor="AuthenticAMD" familyid="143"');
  });
});
