/**
 * The JSON that commands and requests answer with: plain numbers in SI units, names qualified. A field may be added;
 * none changes its meaning or goes away without a major version. `docs/contract.md` describes them for users.
 */

import type { PathReport, PeerMatrix } from '../simulator/path.ts';

export interface LinkStateJson {
  readonly generation: number;
  readonly lanes: number;
}

/** One component of `pcie show`. */
export interface ShowNode {
  readonly name: string;
  readonly kind: string;
  readonly part: string | null;
  readonly parent: string | null;
  readonly numaNode: number | null;
  /** The link that the component ends: above a device or a switch, below a port; null where it has none. */
  readonly link: (LinkStateJson & { readonly capable: LinkStateJson; readonly limitedBy: string | null }) | null;
  /** ACS bits that are on, on a port; null elsewhere. */
  readonly acs: readonly string[] | null;
  /** IOMMU group, or null where the component has none. */
  readonly group: number | null;
}

export interface ShowJson {
  readonly machine: string;
  readonly nodes: readonly ShowNode[];
}

export type PathJson = PathReport;
export type MatrixJson = PeerMatrix;

export interface EnumerateBar {
  readonly index: number;
  readonly kind: 'memory32' | 'memory64' | 'io' | 'rom';
  readonly prefetchable: boolean;
  readonly bytes: number;
  /** `0x…`, or null where it has no address. */
  readonly address: string | null;
}

/** First and last address of a bridge window; null: closed. */
export type WindowJson = readonly [string, string] | null;

export interface EnumerateDevice {
  readonly name: string;
  readonly bdf: string;
  readonly parent: string | null;
  readonly vendor: string | null;
  readonly device: string | null;
  readonly class: string | null;
  readonly bus: { readonly primary: number; readonly secondary: number; readonly subordinate: number } | null;
  readonly bars: readonly EnumerateBar[];
  readonly windows: { readonly io: WindowJson; readonly memory: WindowJson; readonly prefetchable: WindowJson } | null;
}

export interface EnumerateJson {
  readonly devices: readonly EnumerateDevice[];
  readonly unassigned: readonly {
    readonly bdf: string;
    readonly bar: number;
    readonly bytes: number;
    readonly reason: string;
  }[];
  readonly steps: readonly {
    readonly cycle: 'config-read' | 'config-write';
    readonly bdf: string;
    readonly register: string;
    readonly value: string;
    readonly because: string;
  }[];
}

export interface GroupsJson {
  readonly groups: readonly {
    readonly id: number;
    /** `bdf` is null where no enumeration gave a bus address. */
    readonly devices: readonly { readonly bdf: string | null; readonly name: string }[];
  }[];
}
