import type { Machine } from '../machine.ts';
import { type BusShortage, discoverTopology, type FirmwareProfile } from './topology.ts';

/** Bus numbers of a bridge: the bus that it stands on, the first below it, the last below it. */
export interface BridgeBuses {
  readonly primary: number;
  readonly secondary: number;
  readonly subordinate: number;
}

/** Where every function of a machine is found. Arrays go by component id; undefined: no function, or not reached. */
export interface BusNumbers {
  /** `0000:01:00.0`, as lspci -D prints it. */
  readonly addresses: readonly (string | undefined)[];
  readonly bridges: readonly (BridgeBuses | undefined)[];
  /** Bridges below which the bus numbers ran out: nothing there is found. */
  readonly exhausted: readonly number[];
  /** Host bridges whose bus range does not suffice, with what it would take. */
  readonly shortages: readonly BusShortage[];
  /** Components that no configuration read reaches. */
  readonly unreached: readonly number[];
}

const known = new WeakMap<Machine, Map<FirmwareProfile, BusNumbers>>();

/**
 * Bus, device and function numbers as firmware and kernel give them: depth first, siblings by device and function, one bus
 * for every bridge, empty ports included. Numbers that the text states hold; the others are given in the order of the text,
 * from 01 on a root bus and from 00 inside a switch.
 */
export function busNumbers(machine: Machine, firmware: FirmwareProfile = 'linux'): BusNumbers {
  let byFirmware = known.get(machine);
  if (byFirmware === undefined) {
    byFirmware = new Map();
    known.set(machine, byFirmware);
  }
  let numbers = byFirmware.get(firmware);
  if (numbers === undefined) {
    numbers = byComponent(machine, firmware);
    byFirmware.set(firmware, numbers);
  }
  return numbers;
}

function byComponent(machine: Machine, firmware: FirmwareProfile): BusNumbers {
  const { functions, shortages, unreached } = discoverTopology(machine, firmware);
  const addresses: (string | undefined)[] = [];
  const bridges: (BridgeBuses | undefined)[] = [];
  for (const fn of functions) {
    if (fn.part !== 0) continue;
    addresses[fn.component] = fn.address;
    if (fn.below === null) continue;
    bridges[fn.component] = { primary: fn.bus.number, secondary: fn.below.number, subordinate: fn.below.last };
  }
  return { addresses, bridges, exhausted: shortages.flatMap((one) => one.bridges), shortages, unreached };
}

/** The address of a component, or undefined for one that is no function or is not reached. */
export const busAddress = (machine: Machine, id: number): string | undefined => busNumbers(machine).addresses[id];

/** The address of one function of a component; functions 1-7 of a device share all but the last digit. */
export function functionAddress(machine: Machine, id: number, fn: number): string | undefined {
  const address = busAddress(machine, id);
  return fn === 0 ? address : address?.replace(/\d$/, String(fn));
}
