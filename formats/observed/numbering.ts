import type { SriovCapability } from '../../model/address.ts';
import type { ComponentKind } from '../../model/machine.ts';
import type { ObservedFunction } from '../observed.ts';
import { addressParts } from '../pci/address.ts';

/** A component in the making, as far as its place on a bus goes. */
export interface Numbered {
  readonly kind: ComponentKind;
  readonly fn: ObservedFunction | null;
  readonly sriov: SriovCapability | null;
  readonly children: readonly Numbered[];
  /** Buses below a port without a function. */
  readonly buses?: { readonly secondary: number; readonly subordinate: number } | undefined;
  /** What the text has to say, so that discovery gives the address that was read. */
  deviceNumber?: number;
  functionNumber?: number;
  busRange?: readonly [number, number];
}

/**
 * Says device, function and bus numbers where discovery by itself (depth first, devices in order, one bus for each bridge)
 * would give others. On one bus either all bridges say their range or none does, since those that do are numbered first.
 *
 * @returns the last bus number at or below this bus
 */
export function stateNumbers(children: readonly Numbered[], bus: number, from: number, isLink: boolean): number {
  stateDevices(children, from, isLink);
  let last = bus + virtualBuses(children);
  let isNatural = true;
  const bridges = children.filter(({ kind }) => isPort(kind) || kind === 'switch' || kind === 'bridge');
  const first = last;
  for (const bridge of bridges) {
    const read = bridge.fn?.buses ?? bridge.buses;
    const secondary = read !== undefined && read.secondary > bus ? read.secondary : last + 1;
    const end = stateNumbers(bridge.children, secondary, 0, isPort(bridge.kind));
    if (read !== undefined && (secondary !== last + 1 || end !== read.subordinate)) isNatural = false;
    last = end;
  }
  if (isNatural) return last;
  last = first;
  for (const bridge of bridges) {
    const read = bridge.fn?.buses ?? bridge.buses;
    if (read === undefined || read.secondary <= bus || read.subordinate < read.secondary) continue;
    bridge.busRange = [read.secondary, read.subordinate];
    last = Math.max(last, read.subordinate);
  }
  return last;
}

const isPort = (kind: ComponentKind) => kind === 'root-port' || kind === 'port';

function stateDevices(children: readonly Numbered[], from: number, isLink: boolean): void {
  const places = children.map((child) => (child.fn === null ? null : addressParts(child.fn.address)));
  if (isLink) {
    children.forEach((child, at) => {
      const place = places[at];
      if (place === null || place === undefined) return;
      if (place.device !== 0) child.deviceNumber = place.device;
      if (place.function !== 0) child.functionNumber = place.function;
    });
    return;
  }
  const isNatural = places.every((place, at) => place === null || (place.device === from + at && place.function === 0));
  if (isNatural) return;
  children.forEach((child, at) => {
    const place = places[at];
    if (place === null || place === undefined) return;
    child.deviceNumber = place.device;
    if (place.function !== 0) child.functionNumber = place.function;
  });
}

/** Buses that the virtual functions of a bus need beside it, as discovery counts them (drivers/pci/iov.c). */
function virtualBuses(children: readonly Numbered[]): number {
  let extra = 0;
  for (const { sriov, fn } of children) {
    if (sriov === null || fn === null || sriov.totalVfs === 0 || sriov.vfOffset === null || sriov.vfOffset === 0)
      continue;
    if (sriov.totalVfs > 1 && (sriov.vfStride === null || sriov.vfStride === 0)) continue;
    const { device, function: number } = addressParts(fn.address);
    const last = device * 8 + number + sriov.vfOffset + (sriov.vfStride ?? 0) * (sriov.totalVfs - 1);
    extra = Math.max(extra, last >> 8);
  }
  return extra;
}
