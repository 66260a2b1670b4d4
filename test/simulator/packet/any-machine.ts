import fc from 'fast-check';
import type { AcsSetting, ComponentSettings, Machine } from '../../../model/machine.ts';
import type { Scenario, Transfer, Work } from '../../../model/work.ts';
import { idOf, type Sketch, sketchMachine } from '../../model/draft.ts';

const origin = { uri: 'test:work', offset: 0, end: 0 };
const generation = fc.constantFrom(1, 2, 3, 4, 5, 6, 7);
const lanes = fc.constantFrom(1, 2, 4, 8, 16);
const size = fc.constantFrom(128, 256, 512, 1024);
const link = fc.record({ generation, lanes });

/** A device and the link above it: what it is, what it can, how many reads it keeps in flight. */
const device = fc.record(
  {
    kind: fc.constantFrom('gpu', 'nvme', 'nic', 'fpga'),
    link,
    maxReadRequestBytes: fc.constantFrom(128, 256, 512, 1024, 2048, 4096),
    outstandingReads: fc.constantFrom(32, 64, 256, 768),
    relaxedOrdering: fc.boolean(),
    ats: fc.boolean(),
  },
  { requiredKeys: ['kind', 'link'] },
);

const port = fc.record({ link, devices: fc.array(device, { minLength: 1, maxLength: 3 }), redirects: fc.boolean() });

/** Machines of every generation and width, with and without redirection, an IOMMU that translates, ATS, and ECRC. */
export const anyMachine = fc.record({
  sockets: fc.array(fc.array(port, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
  maxPayloadSupportedBytes: size,
  iommu: fc.constantFrom('off', 'passthrough', 'translate'),
  invalidation: fc.constantFrom('strict', 'lazy'),
  amd: fc.boolean(),
  memoryGBs: fc.constantFrom(20, 80, 300),
  socketsGBs: fc.constantFrom(10, 40),
});

export type AnyMachine = typeof anyMachine extends fc.Arbitrary<infer T> ? T : never;

/** The machine, and the names of what can be an end: its devices and its memory. */
export function anyMachineOf(choice: AnyMachine): { machine: Machine; ends: readonly string[] } {
  const ends: string[] = [];
  const payload = { maxPayloadSupportedBytes: choice.maxPayloadSupportedBytes };
  let count = 0;
  const sketches = choice.sockets.map((ports, socket): Sketch => {
    const settings: ComponentSettings = {
      memoryBytesPerSecond: choice.memoryGBs * 1e9,
      cpuVendor: choice.amd ? 'amd' : 'intel',
      cpuFamily: choice.amd ? 0x19 : 6,
      numaNode: socket,
    };
    ends.push(`cpu${socket}`);
    const children = ports.map(({ link: own, devices, redirects }, at): Sketch => {
      const acs: AcsSetting = redirects ? ['SV', 'RR', 'CR', 'UF'] : 'off';
      const below = devices.map(({ kind, link: ending, ...more }): Sketch => {
        const label = `${kind}${count++}`;
        ends.push(label);
        const limits = kind === 'nvme' ? { readBytesPerSecond: 7e9, writeBytesPerSecond: 5e9 } : {};
        return { kind, label, settings: { ...ending, ...payload, ...limits, ...more } };
      });
      const label = `rp${socket}${at}`;
      const root = { kind: 'root-port', label, settings: { ...own, ...payload }, acs } as const;
      const [only] = below;
      if (below.length === 1 && only !== undefined) return { ...root, children: [only] };
      const inside = below.map(
        (child, slot): Sketch => ({
          kind: 'port',
          label: `${label}p${slot}`,
          settings: { generation: 7, lanes: 16, ...payload },
          acs,
          children: [child],
        }),
      );
      const uplink = { generation: 7, lanes: 16, ...payload } as const;
      return { ...root, children: [{ kind: 'switch', label: `sw${socket}${at}`, settings: uplink, children: inside }] };
    });
    return { kind: 'socket', label: `cpu${socket}`, settings, children };
  });
  const machine = sketchMachine(sketches, { iommu: choice.iommu, invalidation: choice.invalidation });
  if (choice.sockets.length === 1) return { machine, ends };
  const between = {
    id: 0,
    name: 'cpu0-cpu1',
    from: idOf(machine, 'cpu0'),
    to: idOf(machine, 'cpu1'),
    technology: 'xgmi' as const,
    part: null,
    links: 1,
    bytesPerSecond: choice.socketsGBs * 1e9,
    latencySeconds: null,
    origin,
  };
  return { machine: { ...machine, connections: [between] }, ends };
}

export interface AnyTransfer {
  readonly from: number;
  readonly to: number;
  readonly via: 'auto' | 'host';
  readonly operation: 'read' | 'write' | null;
  /** Logarithm to the base of two of the bytes. */
  readonly magnitude: number;
  readonly startMicroseconds: number;
}

/** Reads and writes of 2^`least` to 2^`most` bytes, which start within some microseconds of each other. */
export const anyTransfers = (least: number, most: number, count: number): fc.Arbitrary<readonly AnyTransfer[]> =>
  fc.array(
    fc.record({
      from: fc.nat(13),
      to: fc.nat(13),
      via: fc.constantFrom('auto', 'auto', 'host'),
      operation: fc.constantFrom('read', 'write', null),
      magnitude: fc.double({ min: least, max: most, noNaN: true }),
      startMicroseconds: fc.constantFrom(0, 0, 1, 20),
    }),
    { minLength: 1, maxLength: count },
  );

/** Transfers between ends by their numbers; those from an end to itself are left out. */
export function anyWork(machine: Machine, ends: readonly string[], choices: readonly AnyTransfer[]): Work {
  const end = (name: string) => ({ component: idOf(machine, name), memory: name.startsWith('cpu') });
  const transfers = choices.flatMap(({ from, to, via, operation, magnitude, startMicroseconds }, index): Transfer[] => {
    const [source, target] = [ends[from % ends.length], ends[to % ends.length]];
    if (source === undefined || target === undefined || source === target) return [];
    return [
      {
        name: `t${index}`,
        from: end(source),
        to: end(target),
        bytes: Math.round(2 ** magnitude),
        blockBytes: null,
        depth: null,
        via,
        initiator: null,
        operation,
        startSeconds: startMicroseconds * 1e-6,
        expectations: [],
        origin,
      },
    ];
  });
  const scenario: Scenario = { name: 'all', transfers, processes: [], activities: [], expectations: [], origin };
  return { transfers: [], scenarios: transfers.length === 0 ? [] : [scenario], expectations: [] };
}
