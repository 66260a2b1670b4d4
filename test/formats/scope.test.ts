import { beforeAll, describe, expect, it } from 'vitest';
import { readHwloc } from '../../formats/hwloc/read.ts';
import { writeHwloc } from '../../formats/hwloc/write.ts';
import { readLspci } from '../../formats/lspci/read.ts';
import { writeLspciDump } from '../../formats/lspci/write-dump.ts';
import { readNccl } from '../../formats/nccl/read.ts';
import { writeNccl } from '../../formats/nccl/write.ts';
import { machineFrom } from '../../formats/observed/machine.ts';
import type { PartIndex } from '../../formats/observed/parts.ts';
import type { ObservedMachine } from '../../formats/observed.ts';
import { compareMachines } from '../../model/compare/changes.ts';
import { scopeOfText } from '../../model/compare/scope.ts';
import type { Machine } from '../../model/machine.ts';
import { catalogueParts, readText } from './harness.ts';

const design = `machine design {
  socket cpu0 {
    numa 0
    root-port rp0 gen4 x16 {
      switch sw0 {
        link gen4 x16
        port p[0..1] gen4 x16 { gpu gpu[0..1] : a100-pcie-80gb }
        port p2 gen4 x4 { nvme ssd0 : pm9a3 }
        port p3 gen4 x16 { nic nic0 : connectx-6 }
      }
    }
    root-port rp1 gen4 x4 { nvme ssd1 : pm9a3 }
    root-port rp2 gen4 x16 { fpga fpga0 : alveo-u50 }
  }
}
`;

let parts: PartIndex = [];
beforeAll(async () => {
  parts = await catalogueParts();
});

async function machineOf(text: string): Promise<Machine> {
  const { machine, errors } = await readText(text);
  expect(errors).toEqual([]);
  if (machine === undefined) throw new Error('no machine');
  return machine;
}

/** What a dump of another text shows to lack or to have beside the design. */
async function changesOf(text: string, dump: (machine: Machine) => ObservedMachine): Promise<string[]> {
  const wanted = await machineOf(design);
  const { machine, scope } = machineFrom(dump(await machineOf(text)), { name: 'found', parts });
  return compareMachines(wanted, machine, [scopeOfText(wanted), scope]).map(
    ({ kind, subject, property }) => `${kind} ${subject}${property === null ? '' : ` ${property}`}`,
  );
}

const nccl = (machine: Machine) => readNccl(writeNccl(machine).text);
/** What lstopo keeps unless asked for more: no FPGA of class 0580 and no empty port. */
const hwloc = (machine: Machine) => readHwloc(writeHwloc(machine).text);
const lspci = (machine: Machine) => readLspci(writeLspciDump(machine));
/** `lspci -d <ids>`: some devices without what is above them. */
const someOf =
  (...vendorIds: number[]) =>
  (machine: Machine): ObservedMachine => {
    const all = lspci(machine);
    const functions = all.functions
      .filter(({ vendorId = 0, buses }) => vendorIds.includes(vendorId) && buses === undefined)
      .map(({ parent: _, ...rest }) => rest);
    return { ...all, functions };
  };

const without = (text: string) => {
  expect(design).toContain(text);
  return design.replace(text, '');
};

describe('what a source does not speak of is not missing', () => {
  it.each([
    ['NCCL', nccl],
    ['hwloc', hwloc],
    ['lspci', lspci],
    ['lspci of NVIDIA alone', someOf(0x10de)],
  ])('%s: nothing of a machine that is as designed', async (_, dump) => {
    expect(await changesOf(design, dump)).toEqual([]);
  });

  it('NCCL: a GPU and a NIC that are gone, and no drive', async () => {
    expect(await changesOf(without(' { nvme ssd0 : pm9a3 }'), nccl)).toEqual([]);
    const one = design.replace('p[0..1] gen4 x16 { gpu gpu[0..1]', 'p0 gen4 x16 { gpu gpu0');
    expect(await changesOf(one, nccl)).toEqual(['removed cpu0.rp0.sw0.p1']);
  });

  it('NCCL: what a link could do, not what it runs at', async () => {
    const slower = (part: string) => design.replace(`: ${part} }`, `: ${part} { trained gen3 x8 } }`);
    expect(await changesOf(slower('connectx-6'), nccl)).toEqual([]);
    expect(await changesOf(design.replace('p3 gen4 x16', 'p3 gen4 x8'), nccl)).toEqual([
      'changed cpu0.rp0.sw0.p3.nic0 link.width',
    ]);
  });

  it('lspci: all that is gone', async () => {
    expect(await changesOf(without(' { nvme ssd1 : pm9a3 }'), lspci)).toEqual(['removed cpu0.rp1.ssd1']);
    expect(await changesOf(without(' { fpga fpga0 : alveo-u50 }'), lspci)).toEqual(['removed cpu0.rp2.fpga0']);
  });

  it('lspci of some devices: one of those that it lists, and no other', async () => {
    const one = without('port p[0..1] gen4 x16 { gpu gpu[0..1] : a100-pcie-80gb }').replace(
      'port p2',
      'port p[0..1] gen4 x16 { gpu gpu[0..1] : h100-pcie }\n        port p2',
    );
    expect(await changesOf(one, someOf(0x144d))).toEqual([]);
    expect((await changesOf(one, someOf(0x10de))).filter((change) => change.startsWith('added'))).toHaveLength(2);
  });

  it('chipset functions and empty ports that a design passes over are not new', async () => {
    const more = design.replace(
      'root-port rp2 ',
      'device smbus0 { id 8086:a323 }\n    root-port rp9 gen3 x1\n    root-port rp8 gen3 x1 { bridge br0 { device vga0 } }\n    root-port rp2 ',
    );
    expect(await changesOf(more, lspci)).toEqual([]);
    expect(await changesOf(more.replace('device smbus0', 'nvme smbus0'), lspci)).toEqual(['added cpu0.nvme2']);
  });

  it('several host bridges are one socket to whoever writes a design', async () => {
    const split = design.replace('    root-port rp1', '  }\n  socket other {\n    numa 0\n    root-port rp1');
    expect(await changesOf(split, hwloc)).toEqual([]);
    expect(await changesOf(split.replace(' { nvme ssd1 : pm9a3 }', ''), lspci)).toEqual(['removed cpu0.rp1.ssd1']);
  });
});
