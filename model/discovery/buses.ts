import { type Component, componentAt, type Machine } from '../machine.ts';

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
}

const known = new WeakMap<Machine, BusNumbers>();

/**
 * Bus, device and function numbers as firmware and kernel give them: depth first, siblings by device and function, one bus
 * for every bridge, empty ports included. Numbers that the text states hold; the others are given in the order of the text,
 * from 01 on a root bus and from 00 inside a switch.
 */
export function busNumbers(machine: Machine): BusNumbers {
  const before = known.get(machine);
  if (before !== undefined) return before;
  const made = number(machine);
  known.set(machine, made);
  return made;
}

/** The address of a component, or undefined for one that is no function or is not reached. */
export const busAddress = (machine: Machine, id: number): string | undefined => busNumbers(machine).addresses[id];

/** The address of one function of a component; functions 1-7 of a device share all but the last digit. */
export function functionAddress(machine: Machine, id: number, fn: number): string | undefined {
  const address = busAddress(machine, id);
  return fn === 0 ? address : address?.replace(/\d$/, String(fn));
}

function number(machine: Machine): BusNumbers {
  const addresses: (string | undefined)[] = [];
  const bridges: (BridgeBuses | undefined)[] = [];
  const exhausted: number[] = [];
  const nextBus = new Map<number, number>();
  for (const socket of machine.components) {
    if (socket.kind !== 'socket') continue;
    const segment = socket.settings.segment ?? 0;
    const first = socket.settings.bus ?? socket.settings.busRange?.[0] ?? nextBus.get(segment) ?? 0;
    const limit = socket.settings.busRange?.[1] ?? 255;
    let last = first;
    const scan = (children: readonly Component[], bus: number, from: number): void => {
      const placed = place(children, from);
      for (const { component, device, fn } of placed) {
        addresses[component.id] = `${hex(segment, 4)}:${hex(bus, 2)}:${hex(device, 2)}.${fn}`;
        if (!isBridge(component)) continue;
        if (last >= limit) {
          exhausted.push(component.id);
          continue;
        }
        const secondary = ++last;
        scan(
          component.children.map((id) => componentAt(machine, id)),
          secondary,
          0,
        );
        bridges[component.id] = { primary: bus, secondary, subordinate: last };
      }
    };
    scan(rootFunctions(machine, socket), first, 1);
    nextBus.set(segment, last + 1);
  }
  return { addresses, bridges, exhausted };
}

/** What stands on a root bus: the socket's own, and what a chipset adds to it. */
function rootFunctions(machine: Machine, socket: Component): Component[] {
  return socket.children
    .map((id) => componentAt(machine, id))
    .flatMap((child) => (child.kind === 'chipset' ? child.children.map((id) => componentAt(machine, id)) : [child]));
}

const isBridge = ({ kind }: Component) =>
  kind === 'root-port' || kind === 'port' || kind === 'switch' || kind === 'bridge';

interface Placed {
  readonly component: Component;
  readonly device: number;
  readonly fn: number;
}

/** Device and function numbers on one bus, in the order of the scan. More than 32 devices go on as further functions. */
function place(children: readonly Component[], from: number): Placed[] {
  const taken = new Set<number>();
  const placed: Placed[] = [];
  const waiting: Component[] = [];
  for (const component of children) {
    const { deviceNumber, functionNumber } = component.settings;
    if (deviceNumber === undefined) {
      waiting.push(component);
      continue;
    }
    taken.add(deviceNumber * 8 + (functionNumber ?? 0));
    placed.push({ component, device: deviceNumber, fn: functionNumber ?? 0 });
  }
  for (const component of waiting) {
    const fn = component.settings.functionNumber ?? 0;
    let slot = component.settings.functionNumber === undefined ? free(taken, from) : fn;
    if (slot < 0) slot = 255;
    taken.add(slot);
    placed.push({ component, device: slot >> 3, fn: slot & 7 });
  }
  return placed.sort((a, b) => a.device - b.device || a.fn - b.fn);
}

/** The first free device number with function 0; when all are taken, the first free function. */
function free(taken: ReadonlySet<number>, from: number): number {
  for (let fn = 0; fn < 8; fn++) {
    for (let device = from; device < 32; device++) if (!taken.has(device * 8 + fn)) return device * 8 + fn;
  }
  return -1;
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
