import { type Component, componentAt, type Machine } from '../machine.ts';
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
  const small = switches.filter((one) => mps < without && switchPayloadBytes(one)?.value === mps);
  const unnamed = switches.filter(
    ({ parts, settings }) => mps > smallestKnown && parts.length === 0 && settings.deviceId === undefined,
  );
  return [
    ...reasonOf(
      'payload/switch',
      small,
      (names) =>
        `Packets between peers pass ${names} with ${mps} B of payload, though the links take ${without} B: more of them is headers (derived from rates that were measured behind a PEX890xx).`,
    ),
    ...reasonOf(
      'payload/switch-unknown',
      unnamed,
      (names) =>
        `Nothing says which switch ${names} is: packets between peers are assumed to pass as they come, with ${mps} B of payload. Behind a PEX890xx they carry ${smallestKnown} B, and the pair is slower: a part says it.`,
    ),
  ];
}

/** One reason for all switches of the kind, at the first of them. */
function reasonOf(code: string, switches: readonly Component[], messageOf: (names: string) => string): Reason[] {
  const [first] = switches;
  if (first === undefined) return [];
  const more = switches.length === 1 ? '' : ` and ${switches.length - 1} more`;
  return [{ code, message: messageOf(`${first.name}${more}`), at: first.name }];
}

/** What a PEX890xx passes between peers (`engine.ts`). */
const smallestKnown = 128;
