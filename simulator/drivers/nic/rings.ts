import { componentAt, type Machine } from '../../../model/machine.ts';
import type { Sourced } from '../../../model/origin.ts';
import { elements } from './rdma.ts';

/** Bytes of descriptors and completions that go over PCIe for each packet. */
export interface RingTraffic {
  /** From host memory to the NIC. */
  readonly read: number;
  /** From the NIC to host memory. */
  readonly written: number;
}

/** Receive descriptors that a driver posts with one doorbell, and send descriptors that a NIC fetches at once. */
export const batch: Sourced<number> = {
  value: 64,
  source: 'Linux NAPI_POLL_WEIGHT 64 (include/linux/netdevice.h): packets that one poll takes',
};

/** A receive descriptor of a ring: address, length, key. */
export const receiveDescriptor: Sourced<number> = {
  value: 16,
  source: 'Linux include/linux/mlx5/qp.h, struct mlx5_wqe_data_seg',
};

/** What rings of descriptors cost on PCIe, in bytes for a packet. */
export function ringTraffic(direction: 'send' | 'receive'): RingTraffic {
  const { work, completion } = elements.value;
  return direction === 'send'
    ? { read: work, written: completion }
    : { read: receiveDescriptor.value, written: completion };
}

/** Ethernet: preamble, start delimiter and gap on top of a frame, and the shortest frame. In bytes. */
const frame: Sourced<{ readonly around: number; readonly least: number }> = {
  value: { around: 20, least: 64 },
  source: 'IEEE 802.3 clause 3 and 4: preamble and SFD 8 B, interpacket gap 12 B, minimum frame 64 B',
};

/** Frames of a size that one port sends or receives in a second; null where its line rate is unknown. */
export function framesPerSecond(machine: Machine, nic: number, frameBytes: number): number | null {
  const line = componentAt(machine, nic).settings.lineRateBytesPerSecond;
  if (line === undefined) return null;
  return line / (Math.max(frame.value.least, frameBytes) + frame.value.around);
}
