import { componentAt, type Machine } from '../model/machine.ts';
import type { Demand } from '../model/route/demand.ts';
import { updateSeconds } from './packet/buffers.ts';

/**
 * How much longer a link takes for what it carries, where bits are lost on it: each TLP that is lost costs a Nak and is sent
 * again, as the packets do it. 1 for what loses nothing.
 */
export function replayFactor(machine: Machine, { link: way, capacity, cost }: Demand): number {
  const link = way === null ? undefined : machine.links[way.id];
  if (link === undefined) return 1;
  const ends = [link.port, link.device ?? link.port].map((end) => componentAt(machine, end).settings);
  const rate = Math.max(...ends.map((settings) => settings.bitErrorRate ?? 0));
  if (rate <= 0) return 1;
  const bytes = cost * link.maxPayloadBytes;
  const lost = -Math.expm1(bytes * 8 * Math.log1p(-Math.min(rate, 1)));
  // As many as the packets try.
  const replays = Math.min(100, lost / (1 - lost));
  const nak = 2 * updateSeconds(link.trained, link.maxPayloadBytes);
  return 1 + replays * (1 + (nak * capacity) / bytes);
}
