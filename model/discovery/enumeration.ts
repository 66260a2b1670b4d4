import type { BarKind } from '../address.ts';
import type { ComponentKind } from '../machine.ts';
import type { Assumption } from '../origin.ts';
import type { BusShortage, FirmwareProfile } from './topology.ts';

/** Version of the kernel whose placement rules apply: those of drivers/pci/setup-bus.c changed after it. */
export const placementRules = 'Linux 6.1';

/** First and last address of a window, or null: closed. */
export type AddressRange = readonly [start: string, end: string] | null;

export interface EnumeratedBar {
  /** 0-5; 6 for the expansion ROM. */
  readonly index: number;
  readonly kind: BarKind;
  readonly prefetchable: boolean;
  readonly bytes: number;
  /** `0x…`, or null where it has none. */
  readonly address: string | null;
}

/** The same BAR of every virtual function: `count` times `bytes` from `address` on. */
export interface EnumeratedVirtualBar extends EnumeratedBar {
  readonly count: number;
}

export interface EnumeratedDevice {
  /** Qualified name; further functions have their label behind it, virtual ones `vf0` and so on. */
  readonly name: string;
  readonly component: number;
  readonly kind: ComponentKind;
  readonly bdf: string;
  /** The bridge above, or null on a root bus. */
  readonly parent: string | null;
  readonly vendor: string | null;
  readonly device: string | null;
  readonly class: string | null;
  /** The physical function of a virtual one. */
  readonly physicalFunction: string | null;
  /** Null for what is no bridge, and for a bridge that got no bus number. */
  readonly bus: { readonly primary: number; readonly secondary: number; readonly subordinate: number } | null;
  readonly bars: readonly EnumeratedBar[];
  readonly virtualBars: readonly EnumeratedVirtualBar[];
  /** I/O ports that an IDE controller answers at without a BAR; the kernel shows them as its first BARs. */
  readonly legacyIo?: readonly { readonly index: number; readonly address: string; readonly bytes: number }[];
  /** Null for what is no bridge. */
  readonly windows: {
    readonly io: AddressRange;
    readonly memory: AddressRange;
    readonly prefetchable: AddressRange;
  } | null;
}

export interface UnassignedBar {
  readonly name: string;
  readonly component: number;
  readonly bdf: string;
  /** 0-5, 6 for the ROM, 7-12 for BARs of virtual functions, as in sysfs. */
  readonly bar: number;
  readonly bytes: number;
  /** A sentence: where on the way the space ran out, what was needed and what there was. */
  readonly reason: string;
  /** The host bridge or bridge whose window is too small, by its qualified name; null where there is none. */
  readonly at: string | null;
  readonly atComponent: number | null;
  readonly neededBytes: number;
  /** Largest piece that was free for it there. */
  readonly availableBytes: number;
}

export interface EnumeratedHost {
  readonly name: string;
  readonly component: number;
  readonly segment: number;
  readonly busRange: readonly [number, number];
  /** Last bus number in use. */
  readonly lastBus: number;
  readonly windows: readonly {
    readonly kind: 'io' | 'memory' | 'prefetchable';
    readonly start: string;
    readonly end: string;
    readonly stated: boolean;
  }[];
}

/** What boot-time discovery makes of a machine. Plain data. */
export interface Enumeration {
  readonly firmware: FirmwareProfile;
  readonly rules: string;
  readonly hosts: readonly EnumeratedHost[];
  /** By address. */
  readonly devices: readonly EnumeratedDevice[];
  readonly unassigned: readonly UnassignedBar[];
  /** Host bridges whose bus numbers ran out. */
  readonly shortages: readonly BusShortage[];
  /** Components that no configuration read reaches. */
  readonly unreached: readonly number[];
  /** Why firmware gave up, where it did; the kernel then places everything it can. */
  readonly firmwareStops: string | null;
  readonly assumptions: readonly Assumption[];
  /** Each configuration cycle, where they were asked for. */
  readonly steps: readonly ConfigurationCycle[];
}

/** One access to configuration space, and why it is made. */
export interface ConfigurationCycle {
  readonly cycle: 'config-read' | 'config-write';
  readonly bdf: string;
  /** Offset of the register; `sriov+0x…` where it is counted from the SR-IOV capability. */
  readonly register: string;
  /** What was read or written; `unknown` where the machine does not say. */
  readonly value: string;
  readonly because: string;
}
