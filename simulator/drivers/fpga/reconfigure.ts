import { componentAt, socketOf } from '../../../model/machine.ts';
import type { Sourced } from '../../../model/origin.ts';
import type { EndpointRef } from '../../../model/work.ts';
import type { Plan, StepOptions } from '../../plan.ts';
import { planXdma } from './xdma.ts';

/** Ways to bring a partial bitstream into an FPGA over PCIe. `mcap`: configuration writes. `icap`: DMA to the port inside. */
export type ConfigurationPort = 'mcap' | 'icap' | 'icap-stacked';

/** Bytes per second that a configuration port takes. */
export const portRate: Sourced<Readonly<Record<ConfigurationPort, number>>> = {
  value: { mcap: 4.5e6, icap: 800e6, 'icap-stacked': 500e6 },
  source: 'AMD XAPP1338, introduction: MCAP 3-6 MB/s (middle), ICAP 32 bits at 200 MHz, at 125 MHz for stacked silicon',
};

/**
 * Loads a partial bitstream: the rest of the device runs on. Returns the task that ends with the last word in place.
 *
 * @param tasks takes the one that the port is busy with
 */
export function planReconfiguration(
  plan: Plan,
  fpga: number,
  bitstreamBytes: number,
  port: ConfigurationPort,
  options: StepOptions = {},
  tasks: number[] = [],
): number {
  const { name } = componentAt(plan.machine, fpga);
  const trace = { track: `${name}/${port}`, name: 'load bitstream', args: { bytes: bitstreamBytes } };
  const cap = { bytesPerSecond: portRate.value[port], name: `${name} ${port}` };
  const card: EndpointRef = { component: fpga, memory: false };
  const socket = socketOf(plan.machine, fpga);
  const memory: EndpointRef = { component: socket?.id ?? 0, memory: true };
  if (port === 'mcap') {
    // Each word waits for the completion of the one before: no DMA takes part.
    const written = plan.copy(memory, card, bitstreamBytes, { ...options, cap, trace });
    tasks.push(written);
    return written;
  }
  // The bytes go by H2C; the port is what takes them slowly, so that both end together.
  const { done: sent } = planXdma(plan, fpga, 'h2c', bitstreamBytes, options);
  const seconds = bitstreamBytes / portRate.value[port];
  const resource = plan.resource(`configuration:${fpga}:${port}`, { name: cap.name, kind: 'engine', capacity: 1 });
  const taken = plan.work(seconds, { ...options, resource, name: cap.name, trace });
  tasks.push(taken);
  return plan.step(0, { after: [sent, taken] });
}
