import { componentAt, type Machine } from '../machine.ts';
import type { Reason } from '../origin.ts';
import { legSizes } from './demand.ts';
import { switchPayloadBytes } from './engine.ts';
import type { Leg } from './types.ts';

/**
 * Why packets between peers are as large as they are, where a switch on the way decides: one that is known to pass smaller
 * ones, and one that nobody names, of which that is not known.
 */
export function packetReasons(machine: Machine, leg: Leg): Reason[] {
  const switches = leg.hops.flatMap((hop) => (hop.kind === 'switch' ? [componentAt(machine, hop.component)] : []));
  if (switches.length === 0) return [];
  const { mps } = legSizes(machine, leg);
  const without = legSizes(machine, { ...leg, hops: leg.hops.filter(({ kind }) => kind !== 'switch') }).mps;
  return switches.flatMap((one): Reason[] => {
    const { name, parts, settings } = one;
    const most = switchPayloadBytes(one)?.value ?? Number.POSITIVE_INFINITY;
    if (most === mps && mps < without) {
      const message = `${name} passes packets between peers with ${mps} B of payload, though the links take ${without} B: more of them is headers (derived from rates that were measured behind a PEX890xx).`;
      return [{ code: 'payload/switch', message, at: name }];
    }
    const isNamed = parts.length > 0 || settings.deviceId !== undefined;
    if (isNamed || mps <= smallestKnown) return [];
    const message = `Nothing says which switch ${name} is: it is assumed to pass packets between peers as they come, with ${mps} B of payload. Behind a PEX890xx they carry ${smallestKnown} B, and the pair is slower: a part says it.`;
    return [{ code: 'payload/switch-unknown', message, at: name }];
  });
}

/** What a PEX890xx passes between peers (`engine.ts`). */
const smallestKnown = 128;
