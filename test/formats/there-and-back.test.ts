import { beforeAll, describe, expect, test } from 'vitest';
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
import { exampleFiles, machinesOf } from './examples.ts';
import { catalogueParts } from './harness.ts';

/** A machine that is written for another tool and read back is the same machine to `pcie diff`, in both directions. */
const ways: readonly (readonly [name: string, back: (machine: Machine) => ObservedMachine])[] = [
  ['lspci', (machine) => readLspci(writeLspciDump(machine))],
  ['hwloc', (machine) => readHwloc(writeHwloc(machine).text)],
  ['nccl', (machine) => readNccl(writeNccl(machine).text)],
];

let parts: PartIndex = [];
beforeAll(async () => {
  parts = await catalogueParts();
});

describe.each(ways)('%s', (_format, back) => {
  // What is wrong in the text is not what a machine could be.
  test.each(exampleFiles.filter((file) => file !== 'mistakes.pcie'))('%s', async (file) => {
    for (const machine of await machinesOf(file)) {
      const { machine: again, scope } = machineFrom(back(machine), { name: machine.name, parts });
      expect(compareMachines(machine, again, [scopeOfText(machine), scope])).toEqual([]);
      expect(compareMachines(again, machine, [scope, scopeOfText(machine)])).toEqual([]);
    }
  });
});
