import type { TaxSetting } from '../../model/link/tax.ts';
import { componentAt, type Machine, socketOf } from '../../model/machine.ts';
import { legSeconds } from '../../model/route/latency.ts';
import { findRoute } from '../../model/route/route.ts';
import type { EndpointRef, Via } from '../../model/work.ts';
import { type PlannedCopy, planCopy } from '../demands.ts';
import { DataPath, type PathStage } from '../devices/data-path.ts';
import type { ControllerWires } from '../devices/nvme/controller.ts';
import { completionEntryBytes, doorbellBytes, submissionEntryBytes } from '../devices/nvme/queue-pair.ts';
import { picoseconds, picosecondsPerSecond } from '../events/event-loop.ts';
import { FifoServer } from '../events/fifo-server.ts';

/** Framing, header and LCRC of a TLP with a 64-bit address, and of a completion (PCIe Base 5.0, sections 2.2 and 4.2). */
const requestOverhead = 24;
const completionOverhead = 20;
const interruptBytes = 4;
/** Towards the host: the read of an entry, the completion entry, the interrupt. */
const upPerCommand = requestOverhead + (requestOverhead + completionEntryBytes) + (requestOverhead + interruptBytes);
/** Towards the drive: the entry itself, and two doorbells. */
const downPerCommand = completionOverhead + submissionEntryBytes + 2 * (requestOverhead + doorbellBytes);

/** A way between a drive and a place in memory. */
export interface Way {
  readonly planned: PlannedCopy;
  readonly path: DataPath;
}

/** Ways of data over what a machine shares: the same server for the same link, whoever uses it. */
export class Ways {
  readonly servers = new Map<string, FifoServer>();
  readonly #machine: Machine;
  readonly #tax: TaxSetting;

  constructor(machine: Machine, tax: TaxSetting) {
    this.#machine = machine;
    this.#tax = tax;
  }

  /**
   * @param drive the component at one end
   * @param direction `read`: from the drive to the other end
   * @param throttle bytes per second that the job gets, where others share the way with it
   */
  way(
    drive: number,
    other: EndpointRef,
    direction: 'read' | 'write',
    options: {
      readonly via: Via;
      readonly blockBytes: number | null;
      readonly moreSeconds?: number;
      readonly segmentBytes?: number;
      /** The part of the way at another host: from its NIC to where the data goes there, or back. */
      readonly far?: { readonly nic: number; readonly other: EndpointRef } | null;
    },
    throttle: { readonly name: string; readonly bytesPerSecond: number } | null,
  ): Way {
    const end: EndpointRef = { component: drive, memory: false };
    const [from, to] = direction === 'read' ? [end, other] : [other, end];
    const { moreSeconds = 0, segmentBytes, far = null, ...rest } = options;
    const here = planCopy(this.#machine, from, to, { ...rest, unmaps: false, tax: this.#tax });
    const planned = far === null ? here : joined(here, this.#farWay(far, direction));
    const stages: PathStage[] = [];
    const add = (key: string, name: string, kind: PathStage['kind'], perByte: number, perCommand: number) => {
      stages.push({
        server: this.#server(key, name),
        kind,
        picosecondsPerByte: perByte * picosecondsPerSecond,
        picosecondsPerCommand: perCommand * picosecondsPerSecond,
      });
    };
    for (const demand of planned.demands) {
      // The media is simulated itself.
      if (demand.key.startsWith(`device:${drive}:`) || !Number.isFinite(demand.capacity)) continue;
      const own = demand.link === null ? 0 : demand.link.direction === 'up' ? upPerCommand : downPerCommand;
      add(demand.key, demand.name, demand.kind, demand.cost / demand.capacity, own / demand.capacity);
    }
    if (Number.isFinite(planned.cap))
      add(`cap:${drive}:${direction}:${planned.capName}`, planned.capName, planned.capKind, 1 / planned.cap, 0);
    if (throttle !== null) add(`job:${throttle.name}`, throttle.name, 'link', 1 / throttle.bytesPerSecond, 0);
    return { planned, path: new DataPath(stages, picoseconds(planned.wireSeconds + moreSeconds), segmentBytes) };
  }

  /** What a byte costs at the other host; its latency is in that of the messages. */
  #farWay(far: { readonly nic: number; readonly other: EndpointRef }, direction: 'read' | 'write'): PlannedCopy {
    const nic: EndpointRef = { component: far.nic, memory: false };
    const [from, to] = direction === 'read' ? [nic, far.other] : [far.other, nic];
    return planCopy(this.#machine, from, to, { tax: this.#tax });
  }

  /** How far it is between a drive and the memory that holds its queues: that of its own socket. */
  wires(drive: number): ControllerWires {
    const machine = this.#machine;
    const socket = socketOf(machine, drive);
    const memory: EndpointRef = { component: socket?.id ?? 0, memory: true };
    const device: EndpointRef = { component: componentAt(machine, drive).id, memory: false };
    const seconds = (from: EndpointRef, to: EndpointRef, initiator: number, operation: 'read' | 'write') =>
      picoseconds(
        findRoute(machine, from, to, { initiator, operation }).legs.reduce(
          (sum, leg) => sum + legSeconds(machine, leg),
          0,
        ),
      );
    return {
      // A store of a core takes the way of a posted write of the drive, the other way round.
      doorbell: seconds(device, memory, drive, 'write'),
      hostRead: seconds(memory, device, drive, 'read'),
      hostWrite: seconds(device, memory, drive, 'write'),
    };
  }

  /** The queue of invalidations of the IOMMU of a socket. */
  invalidations(socket: number): FifoServer {
    return this.#server(`iommu:${socket}`, `${componentAt(this.#machine, socket).name} IOMMU`);
  }

  #server(key: string, name: string): FifoServer {
    const known = this.servers.get(key);
    if (known !== undefined) return known;
    const made = new FifoServer(name);
    this.servers.set(key, made);
    return made;
  }
}

/** A way that goes on at another host: what limits there limits all of it. */
function joined(here: PlannedCopy, there: PlannedCopy): PlannedCopy {
  const demands = [...here.demands, ...there.demands];
  const assumptions = [...here.assumptions, ...there.assumptions];
  if (there.cap >= here.cap) return { ...here, demands, assumptions };
  const { cap, capName, capKind } = there;
  return { ...here, demands, assumptions, cap, capName, capKind };
}
