import { expect, test } from 'vitest';
import { readLspci } from '../../formats/lspci/read.ts';
import { writeLspciDump } from '../../formats/lspci/write-dump.ts';
import { machineFrom } from '../../formats/observed/machine.ts';
import { printMachine } from '../../language/print.ts';
import { compareMachines } from '../../model/compare/changes.ts';
import { scopeOfText } from '../../model/compare/scope.ts';
import { discoverTopology } from '../../model/discovery/topology.ts';
import { iommuGroups } from '../../model/isolation/groups.ts';
import { componentAt, type Machine, socketOf } from '../../model/machine.ts';
import { distanceClass } from '../../model/peer/distance-class.ts';
import { peerMapping } from '../../model/peer/mapping.ts';
import { findRoute } from '../../model/route/route.ts';
import { trainMachine } from '../../model/train.ts';
import { readText } from './harness.ts';

/** One chip below two sockets; `partition` says which ports belong to the second. */
const text = (partition: string) => `machine m {
  linux { iommu passthrough }
  socket cpu0 { root-port rp0 gen4 x16 {
    switch chip {
      link gen4 x16
      acs none
      port p[0..3] gen4 x16 { gpu gpu[0..3] : a100-pcie-80gb }
      ${partition}
    }
  } }
  socket cpu1 { root-port up gen4 x8 }
  connect cpu0 to cpu1 {
    technology upi
    bandwidth 20 GB/s
  }
}
`;

async function machineOf(partition: string): Promise<Machine> {
  const { machine, errors } = await readText(text(partition));
  expect(errors).toEqual([]);
  if (machine === undefined) throw new Error('no machine');
  return machine;
}
const gpu = (machine: Machine, number: number) => machine.components.findIndex(({ label }) => label === `gpu${number}`);
const peers = (machine: Machine, a: number, b: number) => {
  const [from, to] = [gpu(machine, a), gpu(machine, b)];
  const ends = [from, to].map((component) => ({ component, memory: false })) as [
    { component: number; memory: boolean },
    { component: number; memory: boolean },
  ];
  const route = findRoute(machine, ends[0], ends[1]);
  return {
    class: distanceClass(machine, from, to),
    mapping: peerMapping(machine, from, to).mapping,
    crosses: route.legs.flatMap(({ hops }) => hops.map(({ name }) => name)),
  };
};

test('a partition hangs below its own upstream port, and nothing passes inside the chip', async () => {
  const machine = await machineOf('partition b for p2 p3 to up');
  expect(peers(machine, 0, 1)).toMatchObject({ class: 'PIX', mapping: 'bus-address' });
  expect(peers(machine, 2, 3)).toMatchObject({ class: 'PIX', mapping: 'bus-address' });
  const across = peers(machine, 0, 2);
  expect(across.class).toBe('SYS');
  expect(across.mapping).not.toBe('bus-address');
  expect(across.crosses.some((name) => name.includes('cpu0 <-> cpu1'))).toBe(true);
  expect(socketOf(machine, gpu(machine, 2))?.name).toBe('cpu1');
  // The names that the text gives stay.
  expect(componentAt(machine, gpu(machine, 2)).name).toBe('cpu0.rp0.chip.p2.gpu2');
  const link = machine.links[machine.linkBelow[machine.components.findIndex(({ label }) => label === 'up')] ?? -1];
  expect(link?.trained).toEqual({ generation: 4, lanes: 8 });
});

test('without partitions all are below one switch', async () => {
  const machine = await machineOf('');
  expect(peers(machine, 0, 2)).toMatchObject({ class: 'PIX', mapping: 'bus-address' });
});

test('discovery finds a switch for each host, groups follow', async () => {
  const machine = await machineOf('partition b for p2 p3 to up');
  const { hosts, functions } = discoverTopology(machine);
  const below = hosts.map(({ socket }) =>
    functions
      .filter((fn) => socketOf(machine, fn.component)?.id === socket)
      .map((fn) => componentAt(machine, fn.component).label),
  );
  expect(below).toEqual([
    ['rp0', 'chip', 'p0', 'p1', 'gpu0', 'gpu1'],
    ['up', 'chip-b', 'p2', 'p3', 'gpu2', 'gpu3'],
  ]);
  const names = iommuGroups(machine).map((group) =>
    group.map(({ component }) => componentAt(machine, component).label),
  );
  const groupOf = (label: string) => names.find((group) => group.includes(label));
  expect(groupOf('gpu2')).not.toContain('gpu0');
  expect(names.flat()).toHaveLength(functions.length);
});

test('the text that is printed has the chip with its partitions, and other tools see two switches', async () => {
  const machine = await machineOf('partition b for p2 p3 to up');
  const printed = printMachine(machine, {});
  expect(printed).toContain('partition b for p2 p3 to up');
  expect(printed.match(/switch /g)).toHaveLength(1);
  const again = await readText(printed);
  expect(again.errors).toEqual([]);
  expect(again.machine?.components.map(({ name }) => name)).toEqual(machine.components.map(({ name }) => name));
  const { machine: seen, scope } = machineFrom(readLspci(writeLspciDump(machine)), { name: 'm' });
  expect(seen.components.filter(({ kind }) => kind === 'switch')).toHaveLength(2);
  expect(compareMachines(machine, seen, [scopeOfText(machine), scope])).toEqual([]);
});

test('a partition without an upstream port of its own, or with one that is taken, stays where the chip is', async () => {
  for (const partition of ['partition b for p2 p3', 'partition b for p2 p3 to rp0']) {
    const machine = await machineOf(partition);
    expect(socketOf(machine, gpu(machine, 2))?.name).toBe('cpu0');
  }
});

test('training twice changes nothing', async () => {
  const machine = await machineOf('partition b for p2 p3 to up');
  expect(trainMachine(machine).components).toEqual(machine.components);
});
