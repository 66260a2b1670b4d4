import { componentAt, socketOf } from '../../../model/machine.ts';
import type { Sourced } from '../../../model/origin.ts';
import type { EndpointRef } from '../../../model/work.ts';
import type { Plan, StepOptions } from '../../plan.ts';
import { contextSwitch, interrupt } from '../block/costs.ts';
import { mapSeconds } from '../cpu/dma-map.ts';

/** What one read() or write() of an XDMA character device costs beside the transfer, in seconds. */
export const characterDeviceCall: Sourced<number> = {
  value: 57e-6,
  source: 'middle of 54-60 us, dd of 8 B to 4 KiB (RHSResearchLLC/NiteFury-and-LiteFury issue 51)',
};

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

/**
 * One read() or write() of `/dev/xdma<n>_<direction>_<channel>` that moves bytes between host memory and the card: the
 * call pins pages and writes descriptors, the engine fetches them, moves the bytes, and interrupts or is polled.
 * `polled` leaves the wake-up out: the thread reads the completion from host memory.
 */
export function planXdma(
  plan: Plan,
  fpga: number,
  direction: XdmaDirection,
  bytes: number,
  options: StepOptions & { readonly polled?: boolean; readonly flow?: string } = {},
): number {
  const card: EndpointRef = { component: fpga, memory: false };
  const socket = socketOf(plan.machine, fpga);
  const memory: EndpointRef = { component: socket?.id ?? 0, memory: true };
  const [from, to] = direction === 'h2c' ? [memory, card] : [card, memory];
  const node = channelNode(0, direction, 0);
  const trace = (name: string) => ({
    track: `${componentAt(plan.machine, fpga).name}/${direction}`,
    name,
    ...(options.flow === undefined ? {} : { flow: options.flow }),
    args: { bytes },
  });
  const called = plan.step(characterDeviceCall.value + mapSeconds(plan.machine, bytes), {
    ...options,
    trace: trace(`${direction === 'h2c' ? 'write' : 'read'} ${node}`),
  });
  const fetch = plan.control(card, memory, fpga, 'write') + plan.control(memory, card, fpga, 'read');
  const moved = plan.copy(from, to, bytes, {
    after: [called],
    holds: [channels(plan, fpga, direction)],
    extra: [engine(plan, fpga, direction)],
    setupSeconds: fetch,
    trace: trace(direction.toUpperCase()),
  });
  const written = plan.control(card, memory, fpga, 'write');
  const wake = options.polled === true ? 0 : interrupt.value + contextSwitch.value;
  const name = options.polled === true ? 'poll' : 'interrupt and wake-up';
  return plan.step(written + wake, { after: [moved], trace: trace(name) });
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
