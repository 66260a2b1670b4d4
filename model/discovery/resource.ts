/**
 * Pieces of address space and what they are cut from. Physical addresses have at most 52 bits on x86-64 and Arm, so doubles
 * hold them exactly.
 */

/** Bits of a resource's kind. */
export const ioSpace = 1;
export const memorySpace = 2;
export const prefetchableSpace = 4;
/** 64-bit addresses. */
export const wideSpace = 8;

/** Slots of a function's resources, in the order in which the kernel walks them. */
export const firstVirtualSlot = 7;
export const firstWindowSlot = 13;
export const windowSlots = { io: 13, memory: 14, prefetchable: 15 } as const;

/** A BAR, a ROM, the BARs of all virtual functions, or a bridge window. Changes while it is being placed. */
export interface Resource {
  /** Index of the function in the topology; -1 for a window of a host bridge. */
  readonly owner: number;
  /** 0-5 BARs, 6 ROM, 7-12 BARs of virtual functions, 13-15 the windows of a bridge. */
  readonly slot: number;
  /** For BARs of virtual functions the size of one; 0 elsewhere. */
  readonly unitBytes: number;
  /** Bits of the kind; 0: asks for nothing, or given up. */
  kind: number;
  /** Aligned to its size (a BAR), to `start` (a window that is not yet placed), or to nothing (a window that is). */
  alignment: 'size' | 'start' | 'none';
  start: number;
  /** Last address. */
  end: number;
  parent: Resource | null;
  /** What is cut from a window, by address. */
  readonly children: Resource[];
}

export function makeResource(owner: number, slot: number, kind: number, bytes: number, unitBytes = 0): Resource {
  return {
    owner,
    slot,
    unitBytes,
    kind,
    alignment: bytes > 0 ? 'size' : 'none',
    start: 0,
    end: Math.max(0, bytes - 1),
    parent: null,
    children: [],
  };
}

export const resourceBytes = ({ start, end }: Resource): number => end - start + 1;

/** 0 where the resource has no alignment of its own. */
export function resourceAlignment(resource: Resource): number {
  if (resource.unitBytes > 0) return resource.unitBytes;
  if (resource.kind === 0) return 0;
  if (resource.alignment === 'size') return resourceBytes(resource);
  return resource.alignment === 'start' ? resource.start : 0;
}

/** `value` rounded up to a power of two. Exact beyond 32 bits. */
export const roundUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;
export const roundDown = (value: number, alignment: number): number => Math.floor(value / alignment) * alignment;

/** Cuts a resource, whose addresses are set, from a window. False where it does not lie inside or something is in the way. */
export function claim(window: Resource, resource: Resource): boolean {
  if (resource.start < window.start || resource.end > window.end || resource.end < resource.start) return false;
  const at = indexFor(window.children, resource.start);
  const before = window.children[at - 1];
  const after = window.children[at];
  if (before !== undefined && before.end >= resource.start) return false;
  if (after !== undefined && after.start <= resource.end) return false;
  window.children.splice(at, 0, resource);
  resource.parent = window;
  return true;
}

/** Gives the addresses back to the window; the resource keeps them as numbers. */
export function release(resource: Resource): void {
  const { parent } = resource;
  if (parent === null) return;
  const at = parent.children.indexOf(resource);
  if (at >= 0) parent.children.splice(at, 1);
  resource.parent = null;
}

function indexFor(children: readonly Resource[], start: number): number {
  let low = 0;
  let high = children.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((children[middle]?.start ?? 0) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface Hole {
  readonly bytes: number;
  readonly alignment: number;
  /** First and last address that may be used. */
  readonly minimum: number;
  readonly maximum: number;
  /** Where the resource may begin, given an aligned address: the kernel's architecture has a word in it. */
  readonly adjust: (start: number) => number;
  /** Ranges that are kept free though nothing stands there. */
  readonly reserved: readonly (readonly [number, number])[];
}

/**
 * The lowest address in a window's gaps that fits, or null (kernel/resource.c, __find_resource). With `moving`, the gap
 * counts what that resource holds now as free.
 */
export function findHole(window: Resource, hole: Hole, moving: Resource | null = null): number | null {
  let gap = window.start;
  const children = window.children;
  let index = 0;
  const first = children[0];
  if (first !== undefined && first.start === window.start) {
    gap = first === moving ? first.start : first.end + 1;
    index = 1;
  }
  for (; ; index++) {
    const next = children[index];
    const gapEnd = next === undefined ? window.end : next === moving ? next.end : next.start - 1;
    if (gapEnd >= gap) {
      let [from, to] = [Math.max(gap, hole.minimum), Math.min(gapEnd, hole.maximum)];
      for (const range of hole.reserved) [from, to] = without(from, to, range);
      gap = from;
      const aligned = roundUp(from, hole.alignment);
      const start = hole.adjust(aligned);
      if (start + hole.bytes - 1 <= to && start >= aligned) return start;
    }
    if (next === undefined || next.end === window.end) return null;
    if (next !== moving) gap = next.end + 1;
  }
}

/** The larger part of a range that a reserved one leaves (arch/x86/kernel/resource.c, resource_clip). */
function without(from: number, to: number, [start, end]: readonly [number, number]): [number, number] {
  if (to < start || from > end) return [from, to];
  return Math.max(0, start - from) > Math.max(0, to - end) ? [from, start - 1] : [end + 1, to];
}

/** The most bytes with this alignment that a window still has in one piece, within the bounds. */
export function largestHole(window: Resource, hole: Hole): number {
  let largest = 0;
  let gap = window.start;
  for (const child of [...window.children, null]) {
    let [from, to] = [
      Math.max(gap, hole.minimum),
      Math.min(child === null ? window.end : child.start - 1, hole.maximum),
    ];
    for (const range of hole.reserved) [from, to] = without(from, to, range);
    largest = Math.max(largest, to - hole.adjust(roundUp(from, hole.alignment)) + 1);
    if (child !== null) gap = child.end + 1;
  }
  return largest;
}
