/**
 * The JSON that commands and requests answer with: plain numbers in SI units, names qualified. A field may be added;
 * none changes its meaning or goes away without a major version. `docs/contract.md` describes them for users.
 */

import type {
  ConfigurationCycle,
  EnumeratedDevice,
  EnumeratedHost,
  UnassignedBar,
} from '../model/discovery/enumeration.ts';
import type { FitChange } from '../model/discovery/fit.ts';
import type { FirmwareProfile } from '../model/discovery/topology.ts';
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
  /**
   * The link that the component ends: above a device or a switch, below a port; null where it has none. What it runs at;
   * `capable`: what both of its ends could do in a perfect slot; `limitedBy`: what holds it lower.
   */
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

type Named<T> = Omit<T, 'component'>;

/** What firmware and kernel make of a machine at boot. Names instead of the model's ids. */
export interface EnumerateJson {
  readonly firmware: FirmwareProfile;
  /** Kernel whose placement rules apply. */
  readonly rules: string;
  readonly hosts: readonly Named<EnumeratedHost>[];
  readonly devices: readonly Named<EnumeratedDevice>[];
  readonly unassigned: readonly Omit<UnassignedBar, 'component' | 'atComponent'>[];
  /** Single changes after which every memory BAR has an address, the smallest first. */
  readonly fits: readonly FitChange[];
  /** Host bridges whose bus numbers ran out, and the bridges that got none. */
  readonly shortages: readonly {
    readonly host: string;
    readonly busRange: readonly [number, number];
    readonly neededBuses: number;
    readonly availableBuses: number;
    readonly bridges: readonly string[];
  }[];
  /** What no configuration read reaches. */
  readonly unreached: readonly string[];
  readonly firmwareStops: string | null;
  readonly assumptions: readonly string[];
  /** Each configuration cycle, where they were asked for. */
  readonly steps: readonly ConfigurationCycle[];
}

export interface GroupsJson {
  readonly groups: readonly {
    readonly id: number;
    /** `bdf` is null where no enumeration gave a bus address. */
    readonly devices: readonly { readonly bdf: string | null; readonly name: string }[];
  }[];
}
