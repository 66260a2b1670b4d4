import { isLevelOfTwo } from '../../model/peer/two-level-switches.ts';
import type { ObservedFunction, ObservedNote } from '../observed.ts';

const intel = 0x8086;
/** Ports of the switch that chipsets of the C620 series have inside, "Virtual Switch Port" in the list of PCI IDs. */
const chipsetPorts = [0x37c2, 0x37c5] as const;

/**
 * The functions without what they say of links that are no wires, since it says nothing of what these carry: above a switch
 * that shows itself as two levels, and inside a chipset. There the registers are filled in, mostly with the slowest link.
 */
export function withoutInnerLinks(functions: readonly ObservedFunction[]): {
  readonly functions: readonly ObservedFunction[];
  readonly notes: readonly ObservedNote[];
} {
  const byAddress = new Map(functions.map((one) => [one.address, one]));
  const above = (one: ObservedFunction | undefined) => byAddress.get(one?.parent ?? '');
  const shown = new Set<string>();
  const inside = new Set<string>();
  for (const one of functions) {
    if (isChipsetPort(one) || isChipsetPort(above(one))) inside.add(one.address);
    if (isLevelOfTwo(one, 1) !== true) continue;
    // Between the two levels stands a port, which NCCL leaves out.
    const [near, far] = [above(one), above(above(one))];
    const upper = [near, far].find(
      (bridge) => bridge !== undefined && bridge.deviceId === one.deviceId && isUpperLevel(bridge, above(bridge)),
    );
    const generation = upper?.link?.capable?.generation;
    if (upper !== undefined && generation !== undefined && generation < (one.link?.capable?.generation ?? 0)) {
      shown.add(upper.address);
    }
  }
  const note = (addresses: ReadonlySet<string>, message: (first: string) => string): ObservedNote[] => {
    const linked = [...addresses].filter((address) => byAddress.get(address)?.link !== undefined);
    const [first] = linked;
    if (first === undefined) return [];
    const others = linked.length > 1 ? ` The same goes for ${linked.length - 1} more.` : '';
    return [{ line: null, subject: first, message: `${message(first)}${others}` }];
  };
  return {
    functions: functions.map((one) =>
      one.link !== undefined && (shown.has(one.address) || inside.has(one.address)) ? { ...one, link: {} } : one,
    ),
    notes: [
      ...note(
        shown,
        () =>
          'it is the upper of two levels that one switch shows of itself, slower than the lower one: its link is left out, as the part tells it.',
      ),
      ...note(inside, () => 'its link lies inside the chipset and is no wire: what it reads is left out.'),
    ],
  };
}

const isChipsetPort = (one: ObservedFunction | undefined): boolean =>
  one?.vendorId === intel && (one.deviceId ?? 0) >= chipsetPorts[0] && (one.deviceId ?? 0) <= chipsetPorts[1];

/** The switch itself, not a port of it: nothing of its kind stands above. */
const isUpperLevel = (one: ObservedFunction, above: ObservedFunction | undefined): boolean =>
  isLevelOfTwo(one, 0) === true && above?.deviceId !== one.deviceId;
