// The machine at rest: discovery, IOMMU groups and the full peer matrix for 16, 256 and 4,096 endpoints, in processor time.
//   node bench/discovery.ts
import { enumerate } from '../model/discovery/enumerate.ts';
import { iommuGroups } from '../model/isolation/groups.ts';
import { type Component, type ComponentKind, isEndpoint, type Machine } from '../model/machine.ts';
import { peerMapping } from '../model/peer/mapping.ts';
import { trainMachine } from '../model/train.ts';
import { quantile } from './statistics.ts';

const rounds = (endpoints: number) => (endpoints > 1000 ? 1 : 5);
const bars: Component['bars'] = [
  { index: 0, kind: 'memory32', prefetchable: false, bytes: 2 ** 24, resizable: null },
  { index: 1, kind: 'memory64', prefetchable: true, bytes: 2 ** 28, resizable: null },
];
const origin = { uri: 'bench:machine', offset: 0, end: 0 };

console.log('| endpoints | enumerate | us each | groups | us each | peer matrix | ns a pair |');
console.log('|--:|--:|--:|--:|--:|--:|--:|');
for (const endpoints of [16, 256, 4096]) {
  const times = { enumerate: [] as number[], groups: [] as number[], matrix: [] as number[] };
  // Answers are kept with the machine: every round has a new one.
  for (let round = 0; round < rounds(endpoints); round++) {
    const time = (into: number[], work: (machine: Machine) => void) => {
      const machine = server(endpoints);
      const before = process.cpuUsage();
      work(machine);
      const { user, system } = process.cpuUsage(before);
      into.push((user + system) / 1e6);
    };
    time(times.enumerate, (machine) => enumerate(machine));
    time(times.groups, (machine) => iommuGroups(machine));
    time(times.matrix, (machine) => {
      const devices = machine.components.filter(isEndpoint);
      let reached = 0;
      for (const from of devices) {
        for (const to of devices) if (peerMapping(machine, from.id, to.id).mapping === 'bus-address') reached++;
      }
      if (reached === 0) throw new Error('no pair reaches the other');
    });
  }
  const [discovery, groups, matrix] = [times.enumerate, times.groups, times.matrix].map((all) => quantile(all, 0.5));
  const cell = (seconds = 0) => `${(seconds * 1000).toFixed(seconds < 0.01 ? 2 : 0)} ms`;
  const each = (seconds = 0, count = 1, unit = 1e6) => ((seconds / count) * unit).toFixed(1);
  console.log(
    `| ${[
      endpoints,
      cell(discovery),
      each(discovery, endpoints),
      cell(groups),
      each(groups, endpoints),
      cell(matrix),
      each(matrix, endpoints * endpoints, 1e9),
    ].join(' | ')} |`,
  );
}

/** A machine with so many GPUs: sockets of up to 64, four root ports each, switches of four ports, two levels. */
function server(endpoints: number): Machine {
  const components: Component[] = [];
  const add = (kind: ComponentKind, parent: number | null, settings: Component['settings']): number => {
    const id = components.length;
    const above = parent === null ? undefined : components[parent];
    const label = `${kind}${id}`;
    components.push({
      id,
      kind,
      label,
      name: above === undefined ? label : `${above.name}.${label}`,
      parts: [],
      parent,
      children: [],
      settings,
      said: {},
      unknown: [],
      acs: 'default',
      acsCapability: null,
      bars: kind === 'gpu' ? bars : [],
      sriov: null,
      functions: [],
      subunits: [],
      apertures: [],
      allows: [],
      origin,
      nameOrigin: origin,
    });
    if (above !== undefined) (above.children as number[]).push(id);
    return id;
  };
  const link = { generation: 5, lanes: 16 } as const;
  for (let made = 0; made < endpoints; ) {
    const socket = add('socket', null, { segment: components.filter((one) => one.kind === 'socket').length });
    for (let port = 0; port < 4 && made < endpoints; port++) {
      const outer = add('switch', add('root-port', socket, link), link);
      for (let below = 0; below < 4 && made < endpoints; below++) {
        const inner = add('switch', add('port', outer, link), link);
        for (let slot = 0; slot < 4 && made < endpoints; slot++, made++) add('gpu', add('port', inner, link), link);
      }
    }
  }
  return trainMachine({
    name: 'bench',
    components,
    connections: [],
    firmware: { above4g: true, resizableBar: undefined, sriov: undefined, apertures: [] },
    linux: {
      version: undefined,
      iommu: 'passthrough',
      invalidation: undefined,
      iommuPageBytes: undefined,
      mps: undefined,
      disableAcsRedir: [],
      configAcs: [],
      disableAcsRedirComponents: [],
      isolation: undefined,
    },
    virtualMachines: [],
    partitions: [],
    allows: [],
    assumptions: [],
    origin,
  });
}
