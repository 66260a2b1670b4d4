import type { EnumerateJson } from '../../../server/contract.types.ts';

/** A part of the address space, and what lies in it. Addresses are inclusive at both ends. */
export interface Span {
  /** Unique in the map, and the same after an edit that leaves the span in place. */
  readonly id: string;
  readonly kind: 'host' | 'window' | 'bar';
  readonly space: SpaceKind;
  /** Qualified name of the component. */
  readonly name: string;
  /** What it is of that component: `BAR 0`, `prefetchable window`. */
  readonly what: string;
  readonly bdf: string | null;
  readonly start: bigint;
  readonly end: bigint;
  /** In the order of their addresses. They lie in the span and do not overlap, unless the machine is at fault. */
  readonly children: readonly Span[];
  /** For a window of a host bridge: whether the text says it. */
  readonly stated: boolean | null;
}
export type SpaceKind = 'io' | 'memory' | 'prefetchable';

/** What one host bridge passes on. */
export interface HostSpaces {
  readonly name: string;
  readonly segment: number;
  readonly busRange: readonly [number, number];
  readonly below4GiB: readonly Span[];
  readonly above4GiB: readonly Span[];
  readonly io: readonly Span[];
  /** What has an address that no window above it passes on. */
  readonly outside: readonly Span[];
}

interface Growing extends Omit<Span, 'children'> {
  readonly children: Growing[];
}
type Device = EnumerateJson['devices'][number];

export const bytesOf = ({ start, end }: { readonly start: bigint; readonly end: bigint }): bigint => end - start + 1n;

const fourGiB = 1n << 32n;

/** The address map of every host bridge: each window and BAR in the nearest window above it that holds it. */
export function hostSpaces({ hosts, devices }: EnumerateJson): readonly HostSpaces[] {
  const byBdf = new Map(devices.map((device) => [device.bdf, device]));
  return hosts.map((host) => {
    const roots = host.windows.map(
      ({ kind, start, end, stated }, index): Growing => ({
        id: `${host.name} window ${index}`,
        kind: 'host',
        space: kind,
        name: host.name,
        what: windowWords[kind],
        bdf: null,
        start: BigInt(start),
        end: BigInt(end),
        children: [],
        stated,
      }),
    );
    const windowsOf = new Map<string, readonly Growing[]>();
    const outside: Growing[] = [];
    const below = devices.filter((device) => isBelow(device, host));
    const place = (span: Growing, parent: string | null): void => {
      let above = parent;
      while (above !== null) {
        const holder = windowsOf.get(above)?.find((window) => holds(window, span));
        if (holder !== undefined) {
          holder.children.push(span);
          return;
        }
        above = byBdf.get(above)?.parent ?? null;
      }
      (roots.find((window) => holds(window, span))?.children ?? outside).push(span);
    };
    for (const device of below) windowsOf.set(device.bdf, bridgeWindows(device));
    for (const device of below) for (const window of windowsOf.get(device.bdf) ?? []) place(window, device.parent);
    for (const device of below) {
      // A virtual function has no bridge of its own above: it hangs where its physical function does.
      const parent = device.parent ?? byBdf.get(device.physicalFunction ?? '')?.parent ?? null;
      for (const bar of barsOf(device)) place(bar, parent);
    }
    const sorted = (spans: readonly Growing[]): readonly Span[] =>
      [...spans]
        .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
        .map((span) => ({ ...span, children: sorted(span.children) }));
    const memory = roots.filter((root) => root.space !== 'io');
    return {
      name: host.name,
      segment: host.segment,
      busRange: host.busRange,
      below4GiB: sorted(memory.filter((root) => root.start < fourGiB)),
      above4GiB: sorted(memory.filter((root) => root.start >= fourGiB)),
      io: sorted(roots.filter((root) => root.space === 'io')),
      outside: sorted(outside),
    };
  });
}

const windowWords: Readonly<Record<SpaceKind, string>> = {
  io: 'I/O window',
  memory: 'memory window',
  prefetchable: 'prefetchable window',
};

const holds = (window: Growing, span: Growing): boolean =>
  (window.space === 'io') === (span.space === 'io') && window.start <= span.start && span.end <= window.end;

/** Whether a bus address (`0000:3b:00.0`) is one of a host bridge. Ranges may overlap; the buses in use do not. */
function isBelow({ bdf }: Device, host: EnumerateJson['hosts'][number]): boolean {
  const [segment, bus] = bdf.split(':').map((part) => Number.parseInt(part, 16));
  return segment === host.segment && bus !== undefined && bus >= host.busRange[0] && bus <= host.lastBus;
}

function bridgeWindows({ bdf, name, windows }: Device): readonly Growing[] {
  if (windows === null) return [];
  return (['io', 'memory', 'prefetchable'] as const).flatMap((space): readonly Growing[] => {
    const range = windows[space];
    if (range === null) return [];
    const [start, end] = range;
    return [
      {
        id: `${bdf} ${space}`,
        kind: 'window',
        space,
        name,
        what: windowWords[space],
        bdf,
        start: BigInt(start),
        end: BigInt(end),
        children: [],
        stated: null,
      },
    ];
  });
}

function barsOf({ bdf, name, bars, virtualBars }: Device): readonly Growing[] {
  const own = bars.map((bar) => ({ ...bar, count: 1, what: bar.index === 6 ? 'expansion ROM' : `BAR ${bar.index}` }));
  const virtual = virtualBars.map((bar) => ({ ...bar, what: `BAR ${bar.index} of ${bar.count} virtual functions` }));
  return [...own, ...virtual].flatMap((bar): readonly Growing[] => {
    if (bar.address === null || !(bar.bytes > 0) || !(bar.count > 0)) return [];
    const start = BigInt(bar.address);
    return [
      {
        id: `${bdf} ${bar.what}`,
        kind: 'bar',
        space: bar.kind === 'io' ? 'io' : bar.prefetchable ? 'prefetchable' : 'memory',
        name,
        what: bar.what,
        bdf,
        start,
        end: start + BigInt(bar.bytes) * BigInt(bar.count) - 1n,
        children: [],
        stated: null,
      },
    ];
  });
}

/** The span of an id, with those around it, the outermost first; empty: there is none. */
export function spansTo(spans: readonly Span[], id: string): readonly Span[] {
  for (const span of spans) {
    if (span.id === id) return [span];
    const inner = spansTo(span.children, id);
    if (inner.length > 0) return [span, ...inner];
  }
  return [];
}

/** Bytes of a span that nothing in it takes. */
export const freeBytes = (span: Span): bigint =>
  span.children.reduce((free, child) => free - bytesOf(child), bytesOf(span));
