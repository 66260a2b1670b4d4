import { beforeAll, describe, expect, it } from 'vitest';
import { machineFrom } from '../../../formats/observed/machine.ts';
import type { PartIndex } from '../../../formats/observed/parts.ts';
import { qemuMachine } from '../../../formats/qemu/machine.ts';
import { readQemu } from '../../../formats/qemu/read.ts';
import { printMachine } from '../../../language/print.ts';
import { enumerate } from '../../../model/discovery/enumerate.ts';
import { iommuGroups } from '../../../model/isolation/groups.ts';
import type { Machine } from '../../../model/machine.ts';
import { randomTopology } from '../../kernel/random/topology.ts';
import { catalogueParts, readText } from '../harness.ts';

let parts: PartIndex = [];
beforeAll(async () => {
  parts = await catalogueParts();
});

/** What discovery makes of a machine, by address; nothing of what its components are called. */
function found(machine: Machine): unknown {
  const { devices, unassigned } = enumerate(machine);
  const addressOf = new Map(
    devices
      .filter((one) => one.physicalFunction === null)
      .map((one) => [one.component, one.bdf] as const)
      .reverse(),
  );
  const groups = iommuGroups(machine).map((group) => group.map((one) => addressOf.get(one.component)).sort());
  return {
    devices: devices.map(({ name: _name, component: _component, kind: _kind, ...facts }) => facts),
    unassigned: unassigned.map(({ bdf, bar, bytes, neededBytes }) => ({ bdf, bar, bytes, neededBytes })),
    // Further functions of a component are in its group.
    groups: groups.map((group) => [...new Set(group)].join(' ')).sort(),
  };
}

describe('arguments as a text, and read again', () => {
  const seeds = Array.from({ length: 30 }, (_, index) => index + 1);

  it.each(seeds.flatMap((seed) => [[seed, 'linux'] as const, [seed, 'ovmf'] as const]))(
    'seed %d for %s: the same machine',
    async (seed, firmware) => {
      const text = randomTopology(seed, firmware);
      const { machine } = machineFrom(readQemu(text), { parts, name: 'm' });
      const read = await readText(printMachine(machine, { parts }));
      expect(read.errors).toEqual([]);
      if (read.machine === undefined) throw new Error('there is no machine in the text');
      const groupsOfDevices = (one: unknown) => JSON.parse(JSON.stringify(one, withoutMerged)) as unknown;
      expect(groupsOfDevices(found(read.machine))).toEqual(groupsOfDevices(found(qemuMachine(text))));
    },
  );
});

/** Functions that the text tells in one component have one member in a group, at the address of the first. */
function withoutMerged(key: string, value: unknown): unknown {
  if (key !== 'groups' || !Array.isArray(value)) return value;
  return value.map((group) =>
    [
      ...new Set(
        String(group)
          .split(' ')
          .map((address) => address.slice(0, -1)),
      ),
    ].join(' '),
  );
}
