import { componentAt, socketOf } from '../../../model/machine.ts';
import type { Sourced } from '../../../model/origin.ts';
import type { EndpointRef } from '../../../model/work.ts';
import type { Plan, StepOptions } from '../../plan.ts';
import { contextSwitch, interrupt } from '../block/costs.ts';
import { mapSeconds } from '../cpu/dma-map.ts';
import { streamVector } from '../interrupts.ts';

/** What one read() or write() of 8 B of an XDMA character device takes, from the call to its return, in seconds. */
export const characterDeviceCall: Sourced<number> = {
  value: 8 / 0.147e6,
  source: 'dd of 8 B at 0.147 MB/s, Artix-7, Gen2 x4 (RHSResearchLLC/NiteFury-and-LiteFury issue 51)',
};

/** The part of it before the engine starts: all but the interrupt and the wake-up that end it. */
const beforeTheEngine = characterDeviceCall.value - interrupt.value - contextSwitch.value;

/** Bytes per second that the DMA engine of XDMA reaches on Gen3 x16. */
export const engineRate: Sourced<{ readonly h2c: number; readonly c2h: number }> = {
  value: { h2c: 9302.8e6, c2h: 11909.4e6 },
  source: 'xbutil dma, Alveo U200, Gen3 x16, shell xdma_base_1: 9302.8 and 11909.4 MB/s (Xilinx/XRT issue 6883)',
};

/** Bytes that one descriptor of XDMA moves at most, and the bytes of the descriptor itself. */
export const descriptor: Sourced<{ readonly moves: number; readonly bytes: number }> = {
  value: { moves: 2 ** 28 - 1, bytes: 32 },
  source: 'AMD PG195, DMA/Bridge Subsystem for PCI Express, "Descriptors": length 28 bits, 32 B each',
};

/** What a page of a scatter-gather list costs: the driver makes one descriptor a page. */
export const pageBytes: Sourced<number> = {
  value: 4096,
  source:
    'Xilinx/dma_ip_drivers, XDMA/linux-kernel/xdma/cdev_sgdma.c, char_sgdma_map_user_buf_to_sgl: one entry a page',
};

/** Channels of one direction that XDMA has at most. */
export const mostChannels: Sourced<number> = { value: 4, source: 'AMD PG195: up to four H2C and four C2H channels' };

export type XdmaDirection = 'h2c' | 'c2h';

/** The device node of a channel. */
export const channelNode = (device: number, direction: XdmaDirection, channel: number): string =>
  `/dev/xdma${device}_${direction}_${channel}`;

/** The channels of one direction as a server of the plan. */
export function channels(plan: Plan, fpga: number, direction: XdmaDirection): number {
  const { name, settings } = componentAt(plan.machine, fpga);
  const said = direction === 'h2c' ? settings.h2cChannels : settings.c2hChannels;
  if (said === undefined) plan.assumptions.add(`${name}: ${direction.toUpperCase()} channels unknown, taken as 1.`);
  const slots = Math.min(mostChannels.value, Math.max(1, said ?? 1));
  return plan.server(`xdma:${fpga}:${direction}`, { name: `${name} ${direction.toUpperCase()} channels`, slots });
}

/** The rate of the DMA engine itself, as a resource of the plan: all channels of a direction share it. */
export function engine(plan: Plan, fpga: number, direction: XdmaDirection): { resource: number; cost: number } {
  const { name, settings } = componentAt(plan.machine, fpga);
  const said = direction === 'h2c' ? settings.writeBytesPerSecond : settings.readBytesPerSecond;
  const capacity = said ?? engineRate.value[direction];
  const label = `${name} ${direction.toUpperCase()} engine`;
  return {
    resource: plan.resource(`xdma-engine:${fpga}:${direction}`, { name: label, kind: 'engine', capacity }),
    cost: 1,
  };
}

/** A request to the character device of a channel. */
export interface XdmaRequest extends StepOptions {
  /** The thread reads the completion from host memory instead of sleeping: `poll_mode=1` of the module. */
  readonly polled?: boolean;
  readonly flow?: string;
  /** Memory of another socket than the card's. */
  readonly memory?: EndpointRef;
  /** Calls that follow each other: requests of a part of the bytes each. */
  readonly calls?: number;
}

/** The tasks of a request: the DMA, and what ends the last call. */
export interface PlannedXdma {
  readonly moved: number;
  readonly done: number;
}

/**
 * read() or write() of `/dev/xdma<n>_<direction>_<channel>` that moves bytes between host memory and the card: the call pins
 * pages and writes descriptors, the engine fetches them, moves the bytes, writes its status, and interrupts or is polled.
 */
export function planXdma(
  plan: Plan,
  fpga: number,
  direction: XdmaDirection,
  bytes: number,
  options: XdmaRequest = {},
): PlannedXdma {
  const { polled = false, flow, calls = 1, memory: asked, ...step } = options;
  const card: EndpointRef = { component: fpga, memory: false };
  const memory = asked ?? { component: socketOf(plan.machine, fpga)?.id ?? 0, memory: true };
  const [from, to] = direction === 'h2c' ? [memory, card] : [card, memory];
  const node = channelNode(xdmaNumber(plan, fpga), direction, 0);
  const track = step.trace?.track ?? `${componentAt(plan.machine, fpga).name}/${direction}`;
  const trace = (name: string, on = track) => ({
    track: on,
    name,
    ...(flow === undefined ? {} : { flow }),
    args: { bytes },
  });
  const call = beforeTheEngine + mapSeconds(plan.machine, bytes / calls);
  const fetch = plan.control(card, memory, fpga, 'write') + plan.control(memory, card, fpga, 'read');
  const written = plan.control(card, memory, fpga, 'write');
  const wake = polled ? 0 : interrupt.value + contextSwitch.value;
  // Of several calls all but the last one's ends are as long as the steps of which they are made.
  const before = (calls - 1) * (call + fetch + written + wake);
  const name = `${direction === 'h2c' ? 'write' : 'read'} ${node}${calls > 1 ? ` x ${calls}` : ''}`;
  const called = plan.step(call + before, { ...step, trace: trace(name) });
  const moved = plan.copy(from, to, bytes, {
    after: [called],
    holds: [channels(plan, fpga, direction)],
    extra: [engine(plan, fpga, direction)],
    setupSeconds: fetch,
    trace: trace(direction.toUpperCase()),
  });
  if (polled) return { moved, done: plan.step(written, { after: [moved], trace: trace('poll') }) };
  const posted = plan.step(written, { after: [moved] });
  const vector = streamVector(plan, fpga, track, memory.component);
  const handled = plan.step(vector.seconds, {
    after: [posted],
    holds: vector.holds,
    trace: trace('MSI-X xdma.ko', vector.track),
  });
  return { moved, done: plan.step(contextSwitch.value, { after: [handled], trace: trace('wake-up') }) };
}

/** The number that the module gives a card: in the order in which they are found. */
function xdmaNumber({ machine }: Plan, fpga: number): number {
  return machine.components.filter(({ kind }) => kind === 'fpga').findIndex(({ id }) => id === fpga);
}

/**
 * Bytes that a card puts into the memory of a peer by itself, or fetches from it: descriptors are set up once, and no CPU
 * takes part. Where no way leads there for peers, the plan's way is through host memory.
 */
export function planPeer(
  plan: Plan,
  fpga: number,
  peer: EndpointRef,
  bytes: number,
  options: StepOptions = {},
): number {
  const card: EndpointRef = { component: fpga, memory: false };
  const socket = socketOf(plan.machine, fpga);
  const memory: EndpointRef = { component: socket?.id ?? 0, memory: true };
  return plan.copy(card, peer, bytes, {
    ...options,
    holds: [channels(plan, fpga, 'c2h')],
    extra: [engine(plan, fpga, 'c2h')],
    options: { initiator: fpga, operation: 'write' },
    setupSeconds: plan.control(memory, card, fpga, 'read'),
  });
}
