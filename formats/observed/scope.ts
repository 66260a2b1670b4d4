import { everything, type Scope } from '../../model/compare/scope.ts';
import type { ComponentKind } from '../../model/machine.ts';
import type { ObservedFunction, ObservedMachine } from '../observed.ts';

/** Tools that list every function there is. */
const listsAll: ReadonlySet<string> = new Set(['lspci', 'sysfs', 'udevadm', 'qemu']);
/** What NCCL lists to the last; of other NICs than it uses it is silent. */
const ncclKinds: readonly ComponentKind[] = ['gpu'];
/** Kinds whose classes lstopo keeps by default. */
const hwlocKinds: readonly ComponentKind[] = ['gpu', 'nvme', 'nic', 'sata'];
/**
 * Base classes that lstopo keeps by default: unclassified, storage, network, display, bridges, processors, accelerators
 * (hwloc 2.12, include/private/misc.h, hwloc__filter_check_pcidev_subtype_important).
 */
const hwlocImportant: ReadonlySet<number> = new Set([0x00, 0x01, 0x02, 0x03, 0x06, 0x0b, 0x12]);
const hwlocImportantClasses: ReadonlySet<number> = new Set([0x0502, 0x0c04, 0x0c06]);

/**
 * What a machine's own account of itself speaks of: what is not in it is only missing where the tool would have listed it.
 *
 * @param isPartial the listing shows some devices without the bridges above them
 */
export function scopeOf(observed: ObservedMachine, isPartial: boolean): Scope {
  const { formats, functions } = observed;
  const has = (format: string) => formats.includes(format);
  const isWhole = formats.some((format) => listsAll.has(format)) || (has('hwloc') && functions.some(isUnimportant));
  const common = { ...everything, emptySockets: false, links: linksOf(functions), bars: hasBars(functions) };
  if (isPartial)
    return { ...common, kinds: new Set(), identities: repeated(functions, 2), places: false, emptyPorts: false };
  if (isWhole) return common;
  const kinds = [...(has('nccl') ? ncclKinds : []), ...(has('hwloc') && functions.length > 0 ? hwlocKinds : [])];
  return { ...common, kinds: new Set(kinds), identities: repeated(functions, 1), emptyPorts: false };
}

function isUnimportant({ classCode, isInterfaceKnown }: ObservedFunction): boolean {
  if (classCode === undefined || isInterfaceKnown === undefined) return false;
  const isKept = hwlocImportant.has(classCode >>> 16) || hwlocImportantClasses.has(classCode >>> 8);
  return !isKept;
}

function linksOf(functions: readonly ObservedFunction[]): Scope['links'] {
  const states = functions.map(({ link }) => link?.current);
  if (states.some((state) => state?.generation !== undefined)) return 'state';
  if (states.some((state) => state?.bytesPerSecond !== undefined)) return 'rate';
  return functions.some(({ link }) => link?.capable !== undefined) ? 'capability' : 'nothing';
}

const hasBars = (functions: readonly ObservedFunction[]): boolean =>
  functions.some(({ bars }) => bars?.some(({ bytes }) => bytes !== undefined));

/** Identities that a listing has so often: whoever listed one of them by what it is has listed all. */
function repeated(functions: readonly ObservedFunction[], times: number): Set<string> {
  const counts = new Map<string, number>();
  for (const { vendorId, deviceId } of functions) {
    if (vendorId === undefined || deviceId === undefined) continue;
    const identity = `${vendorId}:${deviceId}`;
    counts.set(identity, (counts.get(identity) ?? 0) + 1);
  }
  return new Set([...counts].filter(([, count]) => count >= times).map(([identity]) => identity));
}
