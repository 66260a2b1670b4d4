import type { Sourced } from '../../../model/origin.ts';
import {
  blockLayer,
  contextSwitch,
  interrupt,
  kernelCrossing,
  nvmeDriver,
  requestLayer,
  type StackCosts,
} from './costs.ts';

/** A small message by RDMA from one host to another, NICs included, in seconds. */
export const messageLatency: Sourced<number> = {
  value: 1.3e-6,
  source: '64 B WRITE, half of a round trip, ib_write_lat (linux-rdma/perftest issue 131)',
};

/** Software of the host that submits: the same steps as for a drive of its own. */
const initiatorSeconds =
  kernelCrossing.value +
  requestLayer.value +
  blockLayer.value +
  nvmeDriver.value +
  interrupt.value +
  contextSwitch.value;

/**
 * What a request over RDMA takes beside what happens at the target: the initiator's software, the capsule with the command one
 * way and the completion the other; a write is fetched from the initiator by an RDMA READ in between.
 * Source: NVMe over Fabrics 1.1, section 7.3 "RDMA Transport".
 */
export function fabricSeconds(write: boolean): number {
  return initiatorSeconds + (write ? 4 : 2) * messageLatency.value;
}

/**
 * The target's part, drivers/nvme/target/rdma.c: the completion of a RECEIVE brings the command, which goes to the block
 * layer; when the drive is done, a WRITE with the data and a SEND with the completion are posted. No thread is woken.
 */
export function targetCosts(local: StackCosts): StackCosts {
  const half = (blockLayer.value + nvmeDriver.value) / 2;
  return {
    ...local,
    submitCall: interrupt.value,
    submitEach: half,
    // Work queue elements of two verbs are written as one of the driver's commands is.
    completeEach: local.completeEach + 2 * nvmeDriver.value,
    reapCall: 0,
    contextSwitch: 0,
    remoteEach: 0,
    polled: false,
  };
}
