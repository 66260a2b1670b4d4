import fc from 'fast-check';
import type { ComponentSettings, Connection, Machine } from '../../../model/machine.ts';
import type { Scenario, Transfer, Work } from '../../../model/work.ts';
import { idOf, type Sketch, sketchMachine } from '../../model/draft.ts';

const origin = { uri: 'test:work', offset: 0, end: 0 };

/** A device below a port: what it is, its link, and the link of the port. */
interface DeviceChoice {
  readonly kind: 'gpu' | 'nvme' | 'nic' | 'fpga';
  readonly generation: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  readonly lanes: 1 | 2 | 4 | 8 | 16;
  readonly readGBs: number;
  readonly writeGBs: number;
  /** Reads in flight at most. */
  readonly tags?: number;
}

const device = (tags: readonly number[]): fc.Arbitrary<DeviceChoice> =>
  fc.record(
    {
      kind: fc.constantFrom('gpu', 'gpu', 'nvme', 'nic', 'fpga'),
      generation: fc.constantFrom(2, 3, 4, 5, 6),
      lanes: fc.constantFrom(4, 8, 16),
      readGBs: fc.constantFrom(2, 3.5, 7, 13),
      writeGBs: fc.constantFrom(1.5, 3, 6),
      ...(tags.length === 0 ? {} : { tags: fc.constantFrom(...tags) }),
    },
    { noNullPrototype: true },
  );

interface PortChoice {
  readonly generation: 3 | 4 | 5 | 6;
  readonly lanes: 8 | 16;
  /** One device at the root port itself, or several below one switch or two. */
  readonly devices: readonly DeviceChoice[];
  readonly nested: boolean;
}

const rootPort = (tags: readonly number[]): fc.Arbitrary<PortChoice> =>
  fc.record({
    generation: fc.constantFrom(3, 4, 5, 6),
    lanes: fc.constantFrom(8, 16),
    devices: fc.array(device(tags), { minLength: 1, maxLength: 4 }),
    nested: fc.boolean(),
  });

export interface MachineChoice {
  readonly ports: readonly PortChoice[];
  readonly memoryGBs: number;
  readonly amd: boolean;
  readonly maxPayloadBytes: 128 | 256 | 512;
  /** Root ports in turn below two sockets, with a connection of this rate between them. */
  readonly socketsGBs?: number;
}

const machineWith = (tags: readonly number[]): fc.Arbitrary<MachineChoice> =>
  fc.record({
    ports: fc.array(rootPort(tags), { minLength: 1, maxLength: 3 }),
    memoryGBs: fc.constantFrom(20, 80, 300),
    amd: fc.boolean(),
    maxPayloadBytes: fc.constantFrom(128, 256, 512),
  });

/** Devices that keep as many reads in flight as they need. */
export const machineChoice = machineWith([]);
/** Devices with few tags. */
export const taggedMachineChoice = machineWith([8, 16, 64]);

/** Two sockets; devices keep as many reads in flight as they need. */
export const twoSocketChoice: fc.Arbitrary<MachineChoice> = fc
  .tuple(machineWith([]), fc.constantFrom(6, 16, 40))
  .map(([choice, socketsGBs]) => ({ ...choice, socketsGBs }));

export interface TransferChoice {
  readonly from: number;
  readonly to: number;
  readonly via: 'auto' | 'host';
  readonly bytes: number;
}

export const transferChoices = (bytes: fc.Arbitrary<number>, most: number): fc.Arbitrary<readonly TransferChoice[]> =>
  fc.array(fc.record({ from: fc.nat(11), to: fc.nat(11), via: fc.constantFrom('auto', 'host'), bytes }), {
    minLength: 1,
    maxLength: most,
  });

/** The machine, and the names of what can be an end: its devices and its memory. */
export function makeMachine(choice: MachineChoice): { machine: Machine; ends: readonly string[] } {
  const ends = ['cpu0'];
  let count = 0;
  const endpoint = ({ kind, generation, lanes, readGBs, writeGBs, tags }: DeviceChoice): Sketch => {
    const label = `${kind}${count++}`;
    ends.push(label);
    const limits: ComponentSettings =
      kind === 'nvme'
        ? { readBytesPerSecond: readGBs * 1e9, writeBytesPerSecond: writeGBs * 1e9, readLatencySeconds: 60e-6 }
        : kind === 'nic'
          ? { lineRateBytesPerSecond: readGBs * 1e9 }
          : {};
    const settings = {
      generation,
      lanes,
      maxPayloadSupportedBytes: choice.maxPayloadBytes,
      ...(tags === undefined ? {} : { outstandingReads: tags }),
      ...limits,
    };
    return { kind, label, settings };
  };
  const payload = { maxPayloadSupportedBytes: choice.maxPayloadBytes };
  const children = choice.ports.map(({ generation, lanes, devices, nested }, index): Sketch => {
    const settings = { generation, lanes, ...payload };
    const port = (label: string, child: Sketch): Sketch => ({
      kind: 'port',
      label,
      settings: { generation: 6, lanes: 16, ...payload },
      acs: 'off',
      children: [child],
    });
    const [only] = devices;
    if (devices.length === 1 && only !== undefined) {
      return { kind: 'root-port', label: `rp${index}`, settings, acs: 'off', children: [endpoint(only)] };
    }
    const below = devices.map((one, at) => port(`rp${index}p${at}`, endpoint(one)));
    const half = Math.ceil(below.length / 2);
    const uplink = (label: string, ports: readonly Sketch[]): Sketch => ({
      kind: 'switch',
      label,
      settings: { generation: 6, lanes: 16, ...payload },
      children: ports,
    });
    const inner = nested
      ? [...below.slice(0, half), port(`rp${index}inner`, uplink(`sw${index}inner`, below.slice(half)))]
      : below;
    return { kind: 'root-port', label: `rp${index}`, settings, acs: 'off', children: [uplink(`sw${index}`, inner)] };
  });
  const settings: ComponentSettings = {
    memoryBytesPerSecond: choice.memoryGBs * 1e9,
    cpuVendor: choice.amd ? 'amd' : 'intel',
    cpuFamily: choice.amd ? 0x19 : 6,
  };
  const { socketsGBs } = choice;
  if (socketsGBs === undefined) {
    return { machine: sketchMachine([{ kind: 'socket', label: 'cpu0', settings, children }]), ends };
  }
  const socket = (index: number): Sketch => ({
    kind: 'socket',
    label: `cpu${index}`,
    settings: { ...settings, numaNode: index },
    children: children.filter((_, at) => at % 2 === index),
  });
  const machine = sketchMachine([socket(0), socket(1)]);
  ends.push('cpu1');
  const between: Connection = {
    id: 0,
    name: 'cpu0-cpu1',
    from: idOf(machine, 'cpu0'),
    to: idOf(machine, 'cpu1'),
    technology: 'xgmi',
    part: null,
    links: 1,
    bytesPerSecond: socketsGBs * 1e9,
    latencySeconds: null,
    origin,
  };
  return { machine: { ...machine, connections: [between] }, ends };
}

/** Transfers between ends by their numbers, all at once; those from an end to itself are left out. */
export function makeWork(machine: Machine, ends: readonly string[], choices: readonly TransferChoice[]): Work {
  const transfers = choices.flatMap(({ from, to, via, bytes }, index): Transfer[] => {
    const [source, target] = [ends[from % ends.length], ends[to % ends.length]];
    if (source === undefined || target === undefined || source === target) return [];
    const end = (name: string) => ({ component: idOf(machine, name), memory: name.startsWith('cpu') });
    return [
      {
        name: `t${index}`,
        from: end(source),
        to: end(target),
        bytes,
        blockBytes: null,
        depth: null,
        via,
        initiator: null,
        operation: null,
        startSeconds: 0,
        expectations: [],
        origin,
      },
    ];
  });
  const scenario: Scenario = {
    name: 'all',
    transfers,
    processes: [],
    activities: [],
    expectations: [],
    origin,
  };
  return { transfers: [], scenarios: transfers.length === 0 ? [] : [scenario], expectations: [] };
}
